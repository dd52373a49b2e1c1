-- The rest of each stream is served without these.
{{ quarantined('bamboohr', ['employees', 'job_info', 'employment_statuses', 'time_off_requests', 'holidays', 'locations', 'lists', 'fields']) }}
