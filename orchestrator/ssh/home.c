#include "orchestrator/ssh/home.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *
ssh_passwd_home(void)
{
	const struct passwd *me = getpwuid(getuid());

	return me && me->pw_dir ? me->pw_dir : "";
}

const char *
ssh_home(void)
{
	const char *home = getenv("HOME");

	return home && *home ? home : ssh_passwd_home();
}

bool
ssh_home_differs(void)
{
	return strcmp(ssh_home(), ssh_passwd_home()) != 0;
}
