{{ config(materialized='view') }}

-- The switches of usage. A file that lacks one, or a company without the file, gets what stands here.
select
    coalesce(min(reporting_time_zone), 'UTC') as reporting_time_zone,
    coalesce(min(account_group), 'company') as account_group,
    coalesce(min(shared_device_users), 3) as shared_device_users,
    coalesce(min(bot_markers), 'bot, crawler, spider, headless, monitor, synthetic, k6/') as bot_markers,
    coalesce(min(adoption_uses), 2) as adoption_uses
from {{ ref('stg_files__policies') }}
