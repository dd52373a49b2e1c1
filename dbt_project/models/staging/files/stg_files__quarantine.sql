-- The rest of each stream is served without these.
{{ quarantined('files') }}
