/* What a server offers first, whatever it sends. */
#include "orchestrator/ssh/kexinit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char offers[] = "ssh-ed25519,rsa-sha2-512,sk-ssh-ed25519@openssh.com";
	struct buf common = { .limit_bytes = 100 };
	struct kexinit kexinit;
	const char *name;
	size_t len;
	char type[16];

	kex_key_type((const char *)data, size, type, sizeof(type));
	if (kexinit_read(data, size, &kexinit)) {
		for (int i = 0; i < KEX_LISTS; i++) {
			kexinit_shares(&kexinit, (enum kex_list)i, "aes128-ctr,hmac-sha2-256,");
			kexinit_agreed(&kexinit, (enum kex_list)i, offers, &name, &len);
		}
	}
	kex_common(offers, "rsa-sha2-512,", &common);
	buf_free(&common);
	return 0;
}
