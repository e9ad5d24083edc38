from django.forms.renderers import TemplatesSetting


class RegisterRenderer(TemplatesSetting):
    pass
