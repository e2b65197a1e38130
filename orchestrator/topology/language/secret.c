/* The language of keys.yaml: rows for the table `places` in language.c. */
#include "orchestrator/topology/language/draft.h"
#include "orchestrator/topology/language/language.h"

#define AT KEY_AT
#define POS KEY_POS

static const char *const key_type_words[] = {
	[KEY_TYPE_AES128CMAC] = "AES128CMAC",
	[KEY_TYPE_SHA1] = "SHA1",
	[KEY_TYPE_SHA256] = "SHA256",
	[KEY_TYPE_MD5] = "MD5",
	NULL,
};

static const char *const key_state_words[] = {
	[KEY_USED] = "used",
	[KEY_COMING] = "coming",
	[KEY_LEAVING] = "leaving",
	[KEY_GONE] = "gone",
	[KEY_WITHDRAWN] = "withdrawn",
	NULL,
};

const struct key_row keys_file_keys[KEYS_FILE_KEYS] = {
	{ .name = "keys",
	    .type = VALUE_LIST,
	    .required = true,
	    .inner = PLACE_KEY,
	    .doc = "The symmetric keys of the site." },
};

const struct key_row secret_keys[SECRET_KEYS] = {
	{ .name = "id",
	    .type = VALUE_NUMBER,
	    AT(key_draft, key.id),
	    POS(key_draft, key.pos),
	    .required = true,
	    .min = 1,
	    .max = 65535,
	    .doc = "Number of the key; unique in the file." },
	{ .name = "type",
	    .type = VALUE_CHOICE,
	    AT(key_draft, key.type),
	    .required = true,
	    .words = key_type_words,
	    .doc = "Use AES128CMAC (RFC 8573); the other types are accepted for keys that are in "
		   "use already." },
	{ .name = "secret",
	    .type = VALUE_SECRET,
	    AT(key_draft, key.secret_hex),
	    POS(key_draft, secret_pos),
	    .required = true,
	    .doc = "The key in hexadecimal; 32 digits for AES128CMAC." },
	{ .name = "between",
	    .type = VALUE_NAMES,
	    AT(key_draft, between),
	    .required = true,
	    .doc = "The two hosts that share it." },
	{ .name = "state",
	    .type = VALUE_CHOICE,
	    AT(key_draft, key.state),
	    .words = key_state_words,
	    .fallback = "used",
	    .doc = "The state of the key while another one takes its place; `timetier keys rotate` "
		   "writes it." },
};
