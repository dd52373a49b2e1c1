{{ typed_records([
    {'name': 'company_name', 'path': '$.CompanyName', 'type': 'text'},
    {'name': 'country', 'path': '$.Country', 'type': 'key'},
    {'name': 'fiscal_year_start_month', 'path': '$.FiscalYearStartMonth', 'type': 'key', 'required': true},
    {'name': 'updated_at', 'path': '$.MetaData.LastUpdatedTime', 'type': 'timestamp'},
]) }}
