-- Red means: another choice of rules makes or loses cost, so that a range compares different totals.
select fiscal_period, effort_choice, shared_choice, overhead_choice, sum(moved_minor) as moved_minor
from {{ ref('int_cost_variants_allocated') }}
group by fiscal_period, effort_choice, shared_choice, overhead_choice
having sum(moved_minor) <> 0
