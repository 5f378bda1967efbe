"""Makes the tables and an account for every hasher; prints them as JSON, [email, password] each."""
import json
import os

import django
from django.core.management import call_command

django.setup()
call_command("migrate", run_syncdb=True, verbosity=0)

from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.hashers import get_hashers, make_password  # noqa: E402

PASSWORDS = ["correct horse 9 battery", "пароль № ﬁne", "x" * 80]
User = get_user_model()
users = []
for hasher in get_hashers() if not os.environ.get("DJANGO_EMPTY") else []:
    for number, password in enumerate(PASSWORDS):
        email = f"{hasher.algorithm}{number}@example.com"
        try:
            encoded = make_password(password, hasher=hasher.algorithm)
        except ValueError:
            # bcrypt 5 refuses what its algorithm does not read: more than 72 bytes.
            continue
        User.objects.create(username=email, email=email, password=encoded)
        users.append([email, password])
if users:
    User.objects.create(
        username="off", email="off@example.com", password=encoded, is_active=False
    )
print(json.dumps(users))
