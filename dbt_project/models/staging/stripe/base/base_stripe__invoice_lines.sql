{{ typed_records([
    {'name': 'description', 'path': '$.description', 'type': 'text'},
    {'name': 'product_id', 'path': '$.pricing.price_details.product', 'type': 'account_key'},
    {'name': 'price_id', 'path': '$.pricing.price_details.price', 'type': 'account_key'},
    {'name': 'whole_quantity', 'path': '$.quantity', 'type': 'bigint'},
    {'name': 'decimal_quantity', 'path': '$.quantity_decimal', 'type': 'fine_decimal'},
    {'name': 'unit_amount_decimal', 'path': '$.pricing.unit_amount_decimal', 'type': 'fine_decimal'},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'amount', 'path': '$.amount', 'type': 'bigint', 'required': true},
    {'name': 'discount_amounts', 'path': '$.discount_amounts', 'type': 'list', 'each': amount_columns()},
    {'name': 'taxes', 'path': '$.taxes', 'type': 'list', 'each': tax_columns()},
    {'name': 'service_starts_at', 'path': '$.period.start', 'type': 'unix', 'required': true},
    {'name': 'service_ends_at', 'path': '$.period.end', 'type': 'unix', 'required': true},
    {'name': 'parent_type', 'path': '$.parent.type', 'type': 'key'},
    {
        'name': 'item_subscription_id', 'path': '$.parent.subscription_item_details.subscription',
        'type': 'account_key',
    },
    {
        'name': 'subscription_item_id', 'path': '$.parent.subscription_item_details.subscription_item',
        'type': 'account_key',
    },
    {
        'name': 'item_invoice_item_id', 'path': '$.parent.subscription_item_details.invoice_item',
        'type': 'account_key',
    },
    {'name': 'item_is_proration', 'path': '$.parent.subscription_item_details.proration', 'type': 'boolean'},
    {'name': 'invoice_item_id', 'path': '$.parent.invoice_item_details.invoice_item', 'type': 'account_key'},
    {
        'name': 'invoice_item_subscription_id', 'path': '$.parent.invoice_item_details.subscription',
        'type': 'account_key',
    },
    {'name': 'invoice_item_is_proration', 'path': '$.parent.invoice_item_details.proration', 'type': 'boolean'},
]) }}
