{#
    What companies call their functions.
    Belongs here: the names of the three that build products. Does not: whose function it is.
#}

{#
    A division of HR, or the function of a team or an account, as rules name it: Engineering, Product or Design where it
    is one of these under another name. Any other is what it is called.
#}
{% macro function_of(name) -%}
    case
        {%- for function, names in {
            'Engineering': [
                'softwareengineering', 'softwaredevelopment', 'r&d', 'researchanddevelopment',
                'research&development',
            ],
            'Product': ['productmanagement', 'productmanagers'],
            'Design': ['productdesign', 'uxdesign', 'ux', 'userexperience'],
        }.items() %}
        when {{ written_alike(name) }} in ('{{ names | join("', '") }}') then '{{ function }}'
        {%- endfor %}
        else {{ name }}
    end
{%- endmacro %}
