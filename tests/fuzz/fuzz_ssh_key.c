/* A private key, whatever the file holds; what is usable must sign. */
#include "orchestrator/ssh/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ssh_key key = { .name = NULL };
	struct buf signature = { 0 };
	struct error err;

	if (key_decode((const char *)data, size, &key, &err) == KEY_USABLE &&
	    key_sign(&key, "data", 4, &signature, &err) == 0) {
		buf_free(&signature);
	}
	ssh_key_done(&key);
	return 0;
}
