#include "agent/first_set/confine.h"

#include "daemons/daemon.h"

#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The numbers of system calls are those of one machine; on one that is not here, the unit alone
 * filters. */
#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#elif defined(__riscv)
#define MACHINE AUDIT_ARCH_RISCV64
#else
#define MACHINE 0
#endif
#define X32_BIT 0x40000000U

static const unsigned forbidden[] = {
	SYS_execve,
	SYS_execveat,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_unshare,
	SYS_setns,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_userfaultfd,
	SYS_memfd_create,
	SYS_add_key,
	SYS_request_key,
	SYS_keyctl,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_reboot,
	SYS_open_by_handle_at,
};

#define RULES_BEFORE 4
#define RULES_AFTER 2

/* Load a word of what the kernel tells of a call. */
static struct sock_filter
load(size_t offset)
{
	return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset);
}

static int
filter_calls(struct error *err)
{
	struct sock_filter rules[RULES_BEFORE + COUNT(forbidden) + RULES_AFTER];
	struct sock_fprog program = { .len = COUNT(rules), .filter = rules };
	size_t count = RULES_BEFORE, refuse = COUNT(rules) - 1; /* the last rule refuses */

	rules[0] = load(offsetof(struct seccomp_data, arch));
	rules[1] = (struct sock_filter)BPF_JUMP(
	    BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 0, (uint8_t)(refuse - 2));
	rules[2] = load(offsetof(struct seccomp_data, nr));
	rules[3] = (struct sock_filter)BPF_JUMP(
	    BPF_JMP | BPF_JGE | BPF_K, X32_BIT, (uint8_t)(refuse - 4), 0);
	for (size_t i = 0; i < COUNT(forbidden); i++, count++) {
		rules[count] = (struct sock_filter)BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, forbidden[i], (uint8_t)(refuse - count - 1), 0);
	}
	rules[count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	rules[refuse] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)EPERM);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		return error_errno(err, errno, "no_new_privs");
	}
	/* a kernel that was built without filters says EINVAL */
	if (MACHINE != 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 &&
	    errno != EINVAL) {
		return error_errno(err, errno, "a filter of system calls");
	}
	return 0;
}

/* Keep CAP_SYS_TIME of what the change of user left permitted. */
static int
keep_clock(struct error *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {
		{ .effective = 1U << CAP_SYS_TIME, .permitted = 1U << CAP_SYS_TIME },
	};

	return syscall(SYS_capset, &head, sets) < 0
	    ? error_errno(err, errno, "the right to set the clock")
	    : 0;
}

static int
become(const struct passwd *user, const char *look_at, struct error *err)
{
	char folder[PATH_MAX];
	struct stat info;
	gid_t group = user->pw_gid;

	snprintf(folder, sizeof(folder), "%s", look_at);
	if (stat(dirname(folder), &info) == 0 && info.st_gid != 0) {
		group = info.st_gid;
	}
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(1, &group) < 0 ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0) {
		return error_errno(err, errno, "cannot become the user %s", user->pw_name);
	}
	return keep_clock(err);
}

int
confine_self(const char *look_at, struct error *err)
{
	const struct passwd *user = geteuid() == 0 ? getpwnam(FIRST_SET_USER) : NULL;

	if (user && user->pw_uid != 0 && become(user, look_at, err) < 0) {
		return -1;
	}
	return filter_calls(err);
}

int
confine_make_folder(const char *path, struct error *err)
{
	const struct passwd *user = getpwnam(FIRST_SET_USER);

	if (mkdir(path, 0755) < 0) {
		/* whoever it belongs to: root writes nothing there */
		return errno == EEXIST ? 0 : error_errno(err, errno, "cannot make folder %s", path);
	}
	if (user && chown(path, user->pw_uid, user->pw_gid) < 0) {
		return error_errno(err, errno, "cannot give folder %s to %s", path, user->pw_name);
	}
	return 0;
}
