-- For models that make anew the days that a load touched: what a new landing of an hour supersedes was on some day too.
select project_id, export_hour, uuid, device_id, insert_id, event_at, load_id from {{ ref('base_amplitude__events') }}
