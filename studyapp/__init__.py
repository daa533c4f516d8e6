"""The study application: Django project and app in one package."""
