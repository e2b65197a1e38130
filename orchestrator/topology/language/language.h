/* Every key of site.yaml and keys.yaml is a row here: type, range, default, sentence of manual. */
#ifndef ORCHESTRATOR_TOPOLOGY_LANGUAGE_LANGUAGE_H
#define ORCHESTRATOR_TOPOLOGY_LANGUAGE_LANGUAGE_H

#include "common/base.h"

/* The maps of the two files. */
enum place {
	PLACE_SITE,
	PLACE_UPSTREAM,
	PLACE_TIER,
	PLACE_SERVER,
	PLACE_REFCLOCK,
	PLACE_EXTRA,
	PLACE_NTS,
	PLACE_CLIENTS,
	PLACE_CLIENT,
	PLACE_SSH,
	PLACE_BUDGET,
	PLACE_RESTART,
	PLACE_BORDER,
	PLACE_ROLLOUT,
	PLACE_ACCEPT,
	PLACE_VERIFY,
	PLACE_DENY,
	PLACE_ALERT,
	PLACE_KEYS_FILE,
	PLACE_KEY,
	PLACE_COUNT,
};

/* The type of a key's value, and of the member that the key fills. */
enum value_type {
	VALUE_TEXT,      /* const char *: one line */
	VALUE_NAME,      /* const char *: fit for a file name and a configuration line */
	VALUE_NUMBER,    /* int or unsigned, from min to max */
	VALUE_BOOL,      /* bool */
	VALUE_DURATION,  /* int64_t ns, from min, which may be negative, to max */
	VALUE_DATE,      /* int64_t: real time of its end, in ns; of the day that the key names */
	VALUE_COUNTRY,   /* const char *: two capital letters, as ISO 3166 has them */
	VALUE_SHARE,     /* unsigned and bool: "10", or "10%" */
	VALUE_CHOICE,    /* an enum: index of the word in words */
	VALUE_DAEMON,    /* const char *: "auto" or a driver's name; min 1: one that serves */
	VALUE_FILE,      /* const char *: path; a relative one is taken beside the file */
	VALUE_SECRET,    /* const char *: never repeated in a message */
	VALUE_ADDRESSES, /* struct address_list */
	VALUE_NETWORKS,  /* struct network_entry *, size_t */
	VALUE_MONITORS,  /* struct monitor *, size_t */
	VALUE_NAMES,     /* struct name_list */
	VALUE_RANGES,    /* struct name_list of node sets; an item may be a map of place inner */
	VALUE_URLS,      /* const char **, size_t */
	VALUE_LINES,     /* struct extra_list */
	VALUE_MAP,       /* the struct of place inner */
	VALUE_SSH,       /* as VALUE_MAP, or "user@host:port" */
	VALUE_PART,      /* pointer to the struct of place inner; NULL where not written */
	VALUE_LIST,      /* list of maps of place inner; the loader takes each map */
};

struct key_row {
	const char *name;
	enum value_type type;
	size_t offset;     /* of the member in the struct of the place */
	size_t pos_offset; /* of the struct pos of the value; 0: no position is kept */
	bool required;
	int64_t min, max;
	const char *fallback;     /* as the file would say it; NULL: none, or set elsewhere */
	const char *const *words; /* of VALUE_CHOICE, NULL-ended */
	bool opposite;            /* of VALUE_BOOL: the member is true when the key says false */
	enum place inner;
	const char *doc; /* one sentence, for the schema and the manual */
};

/* For rows: the offset of the member, and of its position. */
#define KEY_AT(type, member) .offset = offsetof(struct type, member)
#define KEY_POS(type, member) .pos_offset = offsetof(struct type, member)

/* The rows of keys.yaml. */
#define KEYS_FILE_KEYS 1
#define SECRET_KEYS 5
extern const struct key_row keys_file_keys[KEYS_FILE_KEYS];
extern const struct key_row secret_keys[SECRET_KEYS];

/* The rows of `refclocks`. */
#define REFCLOCK_KEYS 11
extern const struct key_row refclock_keys[REFCLOCK_KEYS];

/* The rows of `nts` of a tier or server. */
#define NTS_KEYS 3
extern const struct key_row nts_keys[NTS_KEYS];

/* The rows of `alerts`. */
#define ALERT_KEYS 9
extern const struct key_row alert_keys[ALERT_KEYS];

/* The rows of `verify`. */
#define VERIFY_KEYS 7
extern const struct key_row verify_keys[VERIFY_KEYS];

struct place_row {
	const char *noun; /* "a server": for messages and the manual */
	const struct key_row *keys;
	size_t key_count;
	size_t size; /* bytes of the struct that the keys fill */
};

/* The most keys of a place: struct reading has a bit for each. */
#define KEYS_PER_PLACE_MAX 32

extern const struct place_row places[PLACE_COUNT];

/* The row of the key @name at @place, or NULL. */
const struct key_row *key_find(enum place place, const char *name);

#endif
