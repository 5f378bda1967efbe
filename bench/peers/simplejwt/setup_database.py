"""setup_database.py PASSWORD EMAIL...: makes the tables and the accounts that are not there yet."""
import sys

import django
from django.core.management import call_command

django.setup()
call_command("migrate", run_syncdb=True, verbosity=0)

from accounts.models import User  # noqa: E402

password, *emails = sys.argv[1:]
for email in emails:
    if not User.objects.filter(email=email).exists():
        User.objects.create_user(username=email, email=email, password=password)
