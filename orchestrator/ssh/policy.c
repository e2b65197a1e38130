#include "orchestrator/ssh/policy.h"

#define CERT "-cert-v01@openssh.com"

const char policy_usual_host_keys[] =
    "ssh-ed25519" CERT ",ecdsa-sha2-nistp256" CERT ",ecdsa-sha2-nistp384" CERT
    ",ecdsa-sha2-nistp521" CERT ",sk-ssh-ed25519" CERT ",sk-ecdsa-sha2-nistp256" CERT
    ",rsa-sha2-512" CERT ",rsa-sha2-256" CERT
    ",ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
    "sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256";

void
ssh_policy_usual(struct ssh_policy *policy, const char *home)
{
	*policy = (struct ssh_policy){
		.host_keys = policy_usual_host_keys,
		.login_types = policy_usual_host_keys,
		.exchanges = "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,"
			     "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,"
			     "ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
			     "diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
			     "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256",
		.ciphers = "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,"
			   "aes128-gcm@openssh.com,aes256-gcm@openssh.com",
		.macs = "umac-64-etm@openssh.com,umac-128-etm@openssh.com,"
			"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
			"hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,"
			"hmac-sha2-256,hmac-sha2-512,hmac-sha1",
	};
	policy->user.list[0] = arena_printf(&policy->arena, "%s/.ssh/known_hosts", home);
	policy->user.list[1] = arena_printf(&policy->arena, "%s/.ssh/known_hosts2", home);
	policy->user.count = 2;
	policy->user_is_usual = true;
	policy->global =
	    (struct policy_files){ { "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2" }, 2 };
}

void
ssh_policy_known_hosts(struct ssh_policy *policy, const char *file)
{
	policy->user = (struct policy_files){ { arena_strdup(&policy->arena, file) }, 1 };
	policy->user_is_usual = false;
	policy->global.count = 0;
}

void
ssh_policy_done(struct ssh_policy *policy)
{
	arena_free(&policy->arena);
}
