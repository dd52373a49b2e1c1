{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('bamboohr', 'locations') }}", post_hook="{{ close_landing('bamboohr', 'locations') }}"
) }}

{{ typed_records('bamboohr', 'locations', [
    {'name': 'location', 'path': '$.label', 'type': 'text', 'required': true},
    {'name': 'country', 'path': '$.address.countryId', 'type': 'key'},
    {'name': 'is_archived', 'path': '$.archived', 'type': 'boolean'},
]) }}
