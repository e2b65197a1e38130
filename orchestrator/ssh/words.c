#include "orchestrator/ssh/words.h"

#include <stdio.h>
#include <string.h>

bool
words_algorithms(const struct buf *heard, const struct buf *ours, const char *version, char *lack,
    size_t size, struct error *err)
{
	struct kexinit kexinit;

	if (!kexinit_read((const uint8_t *)buf_str(heard), heard->len, &kexinit)) {
		return false;
	}
	for (int i = 0; i < KEX_LISTS; i++) {
		enum kex_list list = (enum kex_list)i;

		if (kexinit_shares(&kexinit, list, buf_str(&ours[i]))) {
			continue;
		}
		error_set(err,
		    "no %s in common: the server offers %.*s; libssh2 %s has %.150s. Let the "
		    "server's sshd_config allow one of these",
		    kex_list_name(list), (int)(kexinit.len[i] < 150 ? kexinit.len[i] : 150),
		    kexinit.text[i], version, buf_str(&ours[i]));
		snprintf(lack, size, "no %s in common with libssh2 %s (the host offers %.*s)",
		    kex_list_name(list), version,
		    (int)(kexinit.len[i] < 100 ? kexinit.len[i] : 100), kexinit.text[i]);
		return true;
	}
	return false;
}
