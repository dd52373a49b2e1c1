-- Red means: what a document debits is not what it credits, in its own currency or in that of the books: a line was
-- read wrongly or is missing.
{{ config(meta={'dagster': {'ref': {'name': 'fct_gl_line'}}}) }}
select document_type, document_id, sum(amount_txn_minor) as txn_minor, sum(amount_home_minor) as home_minor
from {{ ref('fct_gl_line') }}
group by document_type, document_id
having sum(amount_txn_minor) <> 0 or sum(amount_home_minor) <> 0
