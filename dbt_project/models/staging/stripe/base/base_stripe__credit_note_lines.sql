{{ typed_records([
    {'name': 'invoice_line_id', 'path': '$.invoice_line_item', 'type': 'account_key'},
    {'name': 'line_type', 'path': '$.type', 'type': 'key', 'required': true},
    {'name': 'description', 'path': '$.description', 'type': 'text'},
    {'name': 'quantity', 'path': '$.quantity', 'type': 'bigint'},
    {'name': 'unit_amount_decimal', 'path': '$.unit_amount_decimal', 'type': 'fine_decimal'},
    {'name': 'amount', 'path': '$.amount', 'type': 'bigint', 'required': true},
    {'name': 'discount_amounts', 'path': '$.discount_amounts', 'type': 'list', 'each': amount_columns()},
    {'name': 'taxes', 'path': '$.taxes', 'type': 'list', 'each': tax_columns()},
]) }}
