/*
 * agent_conf: prints the agent.conf of one host, with the pin and token of a site's identity.
 *
 *	agent_conf STATE HOST COLLECTOR INTERVAL
 */
#include "orchestrator/identity/identity.h"

#include <stdio.h>

int
main(int argc, char **argv)
{
	struct identity identity;
	char token[TOKEN_BYTES];
	struct error err;

	if (argc != 5) {
		fputs("usage: agent_conf STATE HOST COLLECTOR INTERVAL\n", stderr);
		return 2;
	}
	if (identity_open(argv[1], &identity, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	identity_token(&identity, argv[2], token);
	printf("host %s\ncollector %s\npin %s\ntoken %s\ninterval %s\ndaemon auto\n", argv[2],
	    argv[3], identity.pin, token, argv[4]);
	identity_done(&identity);
	return 0;
}
