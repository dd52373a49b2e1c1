-- Apart from what else is in quarantine, because the reason shows the value.
{{ quarantined('bamboohr', restricted=true) }}
