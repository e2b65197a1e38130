/* What a server offers first, whatever it sends. */
#include "orchestrator/ssh/kexinit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kexinit kexinit;

	if (kexinit_read(data, size, &kexinit)) {
		for (int i = 0; i < KEX_LISTS; i++) {
			kexinit_shares(&kexinit, (enum kex_list)i, "aes128-ctr,hmac-sha2-256,");
		}
	}
	return 0;
}
