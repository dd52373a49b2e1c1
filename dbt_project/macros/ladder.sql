{#
    Rungs of what work is for.
    Belongs here: what the models of the ladder share. Does not: key results, shares.
#}

{#
    The rows of a relation (epic_id, initiative_id, as places of work have them) with the rungs that these are: work in
    an initiative itself has no epic, and what stands above an epic without being above its level is no initiative.
#}
{% macro rungs(relation) -%}
select
    places.*,
    case when epics.hierarchy_level >= 2 then 'UNMAPPED' else places.epic_id end as rung_epic_id,
    case
        when epics.hierarchy_level >= 2 then places.epic_id
        when above.hierarchy_level < 2 then 'UNMAPPED'
        else places.initiative_id
    end as parent_id
from {{ relation }} as places
left join {{ ref('stg_jira__issues') }} as epics on places.epic_id = epics.issue_id
left join {{ ref('stg_jira__issues') }} as above on places.initiative_id = above.issue_id
{%- endmacro %}
