/*
 * Every word that `ssh -G` prints has a row below, which says what we do about it.  A word that is
 * not there, and a value that cannot be followed, is a reason to take ssh: libssh2 never looks at
 * less than ssh would.
 */
#include "orchestrator/ssh/auto/config.h"

#include "orchestrator/ssh/home.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define VALUE_BYTES 8192 /* lists of algorithms are long */
#define NOT_SAID (POLICY_FILES_MAX + 1)

/* What we do about a word. */
enum use {
	/*
	 * It says nothing about how we reach a host, whom we trust there and how we log in: it is
	 * about sessions and forwarding, or we set it ourselves.
	 */
	NOTHING,
	NEEDS,         /* libssh2 cannot do it: a reason for ssh, unless it has a usual value */
	NEEDS_IN_CASE, /* the same, but the operator's own file of known hosts is above it */
	FOLLOWED,
};

struct word {
	const char *name;
	enum use use;
	const char *usual; /* for NEEDS: a comma list */
	void (*take)(struct ssh_config *config, const struct word *word, const char *value);
	size_t at; /* for take_text() and take_flag(): the member of struct ssh_config */
};

static bool
in_list(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; at && *at; at += strcspn(at, ",") + (strchr(at, ',') != NULL)) {
		if (strcspn(at, ",") == len && strncasecmp(at, word, len) == 0) {
			return true;
		}
	}
	return false;
}

/* --- words that are followed --- */

/* Note that libssh2 cannot do what a word says; the first such word is told. */
static void
need(struct ssh_config *config, const char *name, const char *value)
{
	if (!config->need[0]) {
		snprintf(
		    config->need, sizeof(config->need), "ssh_config says %s %.150s", name, value);
	}
}

static void
take_need(struct ssh_config *config, const struct word *word, const char *value)
{
	if (!in_list(word->usual, value)) {
		need(config, word->name, value);
	}
}

static void
take_command(struct ssh_config *config, const struct word *word, const char *value)
{
	config->policy.known_command = strcmp(value, "none") != 0;
	take_need(config, word, value);
}

static void
take_text(struct ssh_config *config, const struct word *word, const char *value)
{
	const char **member = (const char **)(void *)((char *)config + word->at);

	*member = arena_strdup(&config->policy.arena, value);
}

static void
take_alias(struct ssh_config *config, const struct word *word, const char *value)
{
	take_need(config, word, value);
	take_text(config, word, value);
}

static void
take_flag(struct ssh_config *config, const struct word *word, const char *value)
{
	*(bool *)((char *)config + word->at) = in_list("yes,true", value);
}

static void
take_user(struct ssh_config *config, const struct word *word, const char *value)
{
	if (strlen(value) >= sizeof(config->user)) {
		need(config, word->name, value);
	}
	snprintf(config->user, sizeof(config->user), "%.63s", value);
}

static void
take_port(struct ssh_config *config, const struct word *word, const char *value)
{
	unsigned long port = strtoul(value, NULL, 10);

	if (port == 0 || port > 65535) {
		need(config, word->name, value);
	}
	config->policy.port = (unsigned)port & 0xffffu;
}

static void
take_identity(struct ssh_config *config, const struct word *word, const char *value)
{
	struct ssh_policy *policy = &config->policy;

	if (policy->identity_count == POLICY_IDENTITIES_MAX || strpbrk(value, "%$") ||
	    !(value[0] == '/' || strncmp(value, "~/", 2) == 0)) {
		need(config, word->name, value);
		return;
	}
	policy->identities[policy->identity_count++] = arena_strdup(&policy->arena, value);
}

static void
take_revoked(struct ssh_config *config, const struct word *word, const char *value)
{
	/* newer ones of ssh take several files; all print them unquoted */
	if (value[0] != '/' || strchr(value, ' ')) {
		need(config, word->name, value);
	}
	take_text(config, word, value);
}

/* Whether some words of the list @value, joined again, are the name of a file. */
static bool
is_ambiguous(const char *value)
{
	char path[VALUE_BYTES];

	for (const char *from = value; from; from = strchr(from, ' ')) {
		const char *to;

		from += *from == ' ';
		to = strchr(from, ' ');
		for (to = to ? to + 1 : NULL; to; to = *to ? to + 1 : NULL) {
			to += strcspn(to, " ");
			snprintf(path, sizeof(path), "%.*s", (int)(to - from), from);
			if (access(path, F_OK) == 0) {
				return true;
			}
		}
	}
	return false;
}

/* Read names of files, which ssh prints unquoted; false: they are not told with certainty. */
static bool
split_files(struct ssh_policy *policy, struct policy_files *files, const char *value)
{
	files->count = 0;
	if (strcmp(value, "none") == 0) {
		return true;
	}
	for (const char *at = value; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		if (*at != '/' || files->count == POLICY_FILES_MAX) {
			return false;
		}
		files->list[files->count++] = arena_strndup(&policy->arena, at, len);
		at += len;
	}
	return !strstr(value, "  ") && value[0] && value[strlen(value) - 1] != ' ' &&
	    !is_ambiguous(value);
}

static void
take_user_files(struct ssh_config *config, const struct word *word, const char *value)
{
	struct ssh_policy *policy = &config->policy;
	char usual[VALUE_BYTES];

	snprintf(usual, sizeof(usual), "%s/.ssh/known_hosts %s/.ssh/known_hosts2",
	    ssh_passwd_home(), ssh_passwd_home());
	if (strcmp(value, usual) == 0) { /* ssh does not go by $HOME */
		policy->user.list[0] =
		    arena_printf(&policy->arena, "%s/.ssh/known_hosts", ssh_home());
		policy->user.list[1] =
		    arena_printf(&policy->arena, "%s/.ssh/known_hosts2", ssh_home());
		policy->user.count = 2;
		policy->user_is_usual = true;
	} else if (!split_files(policy, &policy->user, value)) {
		policy->user.count = 0; /* no new key is added to a file that is not certain */
		need(config, word->name, value);
	}
}

static void
take_global_files(struct ssh_config *config, const struct word *word, const char *value)
{
	if (!split_files(&config->policy, &config->policy.global, value)) {
		config->policy.global.count = 0;
		need(config, word->name, value);
	}
}

#define NAMED(word) .name = (word)
#define NONE(word)                                                                                 \
	{                                                                                          \
		NAMED(word), .use = NOTHING                                                        \
	}
#define UNLESS(word, value)                                                                        \
	{                                                                                          \
		NAMED(word), .use = NEEDS, .usual = (value), .take = take_need                     \
	}
#define TEXT(word, member)                                                                         \
	{                                                                                          \
		NAMED(word), .use = FOLLOWED, .take = take_text,                                   \
			     .at = offsetof(struct ssh_config, policy.member)                      \
	}
#define FLAG(word, member)                                                                         \
	{                                                                                          \
		NAMED(word), .use = FOLLOWED, .take = take_flag,                                   \
			     .at = offsetof(struct ssh_config, member)                             \
	}
#define TAKEN(word, function)                                                                      \
	{                                                                                          \
		NAMED(word), .use = FOLLOWED, .take = (function)                                   \
	}

/* Source: dump_client_config() of OpenSSH 8.4, 9.2 and 10.0, and Debian's patches of it. */
static const struct word words[] = {
	/* how a host is reached */
	TEXT("HostName", host),
	TAKEN("Port", take_port),
	UNLESS("ProxyJump", "none"),
	UNLESS("ProxyCommand", "none"),
	UNLESS("AddressFamily", "any"),
	UNLESS("BindAddress", "none"),
	UNLESS("BindInterface", "none"),
	UNLESS("CanonicalizeHostname", "false,no"),
	UNLESS("CanonicalizePermittedCNAMEs", "none"),
	UNLESS("RekeyLimit", "0 0"),
	UNLESS("VersionAddendum", "none"),
	NONE("Host"),
	NONE("Tag"),
	NONE("CanonicalDomains"), /* these three only with CanonicalizeHostname */
	NONE("CanonicalizeFallbackLocal"),
	NONE("CanonicalizeMaxDots"),
	NONE("ProxyUseFdpass"), /* only with ProxyCommand */
	NONE("ConnectTimeout"), /* a run has its own */
	NONE("ConnectionAttempts"),
	NONE("Compression"),
	NONE("IPQoS"),
	NONE("TCPKeepAlive"),
	NONE("ServerAliveInterval"),
	NONE("ServerAliveCountMax"),
	NONE("ObscureKeystrokeTiming"),
	NONE("ChannelTimeout"),

	/* whom to trust */
	{ NAMED("UserKnownHostsFile"), .use = FOLLOWED, .take = take_user_files },
	{ NAMED("GlobalKnownHostsFile"), .use = FOLLOWED, .take = take_global_files },
	{ NAMED("RevokedHostKeys"), .use = FOLLOWED, .take = take_revoked,
	    .at = offsetof(struct ssh_config, policy.revoked) },
	TEXT("HostKeyAlgorithms", host_keys),
	TEXT("KexAlgorithms", exchanges),
	TEXT("Ciphers", ciphers),
	TEXT("MACs", macs),
	FLAG("HashKnownHosts", policy.hashes_names),
	FLAG("CheckHostIP", checks_address),
	{ NAMED("HostKeyAlias"), .use = NEEDS, .usual = "none", .take = take_alias,
	    .at = offsetof(struct ssh_config, policy.alias) },
	UNLESS("NoHostAuthenticationForLocalhost", "no"),
	UNLESS("GSSAPIKeyExchange", "no"),
	{ NAMED("VerifyHostKeyDNS"), .use = NEEDS_IN_CASE, .usual = "false,no", .take = take_need },
	{ NAMED("KnownHostsCommand"), .use = NEEDS_IN_CASE, .usual = "none", .take = take_command },
	NONE("StrictHostKeyChecking"), /* --accept-new decides */
	NONE("UpdateHostKeys"),        /* never */
	NONE("RequiredRSASize"),       /* libssh2 believes no RSA key, and uses none */
	NONE("CASignatureAlgorithms"), /* nor any certificate */
	NONE("GSSAPIKexAlgorithms"),
	NONE("FingerprintHash"),
	NONE("VisualHostKey"),

	/* who logs in; by other ways than keys only after the keys, and then by ssh */
	TAKEN("User", take_user),
	TAKEN("IdentityFile", take_identity),
	FLAG("IdentitiesOnly", policy.identities_only),
	TEXT("PubkeyAcceptedAlgorithms", login_types),
	TEXT("PubkeyAcceptedKeyTypes", login_types), /* up to 8.4 */
	UNLESS("PubkeyAuthentication", "true,yes"),
	UNLESS("PreferredAuthentications", "publickey"),
	UNLESS("HostbasedAuthentication", "no"),
	UNLESS("IdentityAgent", "SSH_AUTH_SOCK"),
	UNLESS("CertificateFile", "none"),
	UNLESS("PKCS11Provider", "none"),
	UNLESS("SecurityKeyProvider", "internal,$SSH_SK_PROVIDER"),
	NONE("AddKeysToAgent"),
	NONE("BatchMode"),
	NONE("ChallengeResponseAuthentication"),
	NONE("KbdInteractiveAuthentication"),
	NONE("KbdInteractiveDevices"),
	NONE("PasswordAuthentication"),
	NONE("NumberOfPasswordPrompts"),
	NONE("EnableSSHKeysign"),
	NONE("HostbasedAcceptedAlgorithms"),
	NONE("HostbasedKeyTypes"),
	NONE("GSSAPIAuthentication"),
	NONE("GSSAPIClientIdentity"),
	NONE("GSSAPIServerIdentity"),
	NONE("GSSAPIDelegateCredentials"),
	NONE("GSSAPIRenewalForcesRekey"),
	NONE("GSSAPITrustDns"),

	/* what is done there */
	NONE("ClearAllForwardings"),
	NONE("ControlMaster"),
	NONE("ControlPath"),
	NONE("ControlPersist"),
	NONE("DynamicForward"),
	NONE("EnableEscapeCommandline"),
	NONE("EscapeChar"),
	NONE("ExitOnForwardFailure"),
	NONE("ForkAfterAuthentication"),
	NONE("ForwardAgent"),
	NONE("ForwardX11"),
	NONE("ForwardX11Timeout"),
	NONE("ForwardX11Trusted"),
	NONE("GatewayPorts"),
	NONE("IgnoreUnknown"),
	NONE("LocalCommand"),
	NONE("LocalForward"),
	NONE("LogLevel"),
	NONE("LogVerbose"),
	NONE("PermitLocalCommand"),
	NONE("PermitRemoteOpen"),
	NONE("RemoteCommand"),
	NONE("RemoteForward"),
	NONE("RequestTTY"),
	NONE("SendEnv"),
	NONE("SessionType"),
	NONE("SetEnv"),
	NONE("StdinNull"),
	NONE("StreamLocalBindMask"),
	NONE("StreamLocalBindUnlink"),
	NONE("SyslogFacility"),
	NONE("Tunnel"),
	NONE("TunnelDevice"),
	NONE("XAuthLocation"),
};

static const struct word *
find_word(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strlen(words[i].name) == len && strncasecmp(words[i].name, name, len) == 0) {
			return &words[i];
		}
	}
	return NULL;
}

/* --- ssh -G --- */

static void
take_line(struct ssh_config *config, const char *line, size_t len, const char *known_hosts)
{
	size_t name_len = strcspn(line, " \n");
	const struct word *word = find_word(line, name_len);
	char name[64], value[VALUE_BYTES];
	size_t value_len = name_len < len ? len - name_len - 1 : 0;

	if (!word || value_len >= sizeof(value)) {
		snprintf(name, sizeof(name), "%.*s", (int)(name_len < 63 ? name_len : 63), line);
		if (!config->need[0]) {
			snprintf(config->need, sizeof(config->need),
			    word ? "`ssh -G` says too much of %s"
				 : "`ssh -G` says %s, which is not known here",
			    name);
		}
		return;
	}
	snprintf(value, sizeof(value), "%.*s", (int)value_len, line + name_len + 1);
	if (word->take && !(word->use == NEEDS_IN_CASE && known_hosts)) {
		word->take(config, word, value);
	} else if (word->take == take_command) {
		config->policy.known_command = strcmp(value, "none") != 0;
	}
}

/* Whether @value is a key file that ssh tries by default. */
static bool
is_usual_identity(const char *value)
{
	static const char usual[] =
	    "id_rsa,id_ecdsa,id_ecdsa_sk,id_ed25519,id_ed25519_sk,id_xmss,id_dsa";

	return strncmp(value, "~/.ssh/", 7) == 0 && in_list(usual, value + 7);
}

/* ssh prints the names of all files that it tries when ssh_config names none. */
static void
forget_usual_identities(struct ssh_policy *policy)
{
	size_t usual = 0;

	for (size_t i = 0; i < policy->identity_count; i++) {
		usual += is_usual_identity(policy->identities[i]);
	}
	if (usual == policy->identity_count && usual >= 5) {
		policy->identity_count = 0;
	}
}

void
ssh_config_none(struct ssh_config *config, const char *known_hosts)
{
	*config = (struct ssh_config){ .user = "" };
	ssh_policy_usual(&config->policy, ssh_home());
	if (known_hosts) {
		ssh_policy_known_hosts(&config->policy, known_hosts);
	}
}

void
ssh_config_read(struct ssh_config *config, const char *text, const char *known_hosts)
{
	struct ssh_policy *policy = &config->policy;

	*config = (struct ssh_config){ .user = "" };
	policy->user.count = policy->global.count = NOT_SAID;
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len > 0) {
			take_line(config, text, len, known_hosts);
		}
		text += len + (text[len] == '\n');
	}
	forget_usual_identities(policy);
	if (!policy->host || !config->user[0] || !policy->port || !policy->host_keys ||
	    !policy->exchanges || !policy->ciphers || !policy->macs || !policy->login_types ||
	    policy->user.count == NOT_SAID || policy->global.count == NOT_SAID) {
		ssh_policy_done(policy);
		ssh_policy_usual(policy, ssh_home());
		snprintf(config->need, sizeof(config->need),
		    "`ssh -G` says less than is needed to follow it");
	}
	if (known_hosts) {
		ssh_policy_known_hosts(policy, known_hosts);
	}
}

void
ssh_config_done(struct ssh_config *config)
{
	ssh_policy_done(&config->policy);
}

bool
ssh_config_is_common(const char *name, size_t len)
{
	const struct word *word = find_word(name, len);

	return word && word->use != NEEDS && word->use != NEEDS_IN_CASE &&
	    word->at != offsetof(struct ssh_config, policy.host);
}
