select currency, currency_name, minor_unit_exponent
from {{ ref('currencies') }}
