/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the helper may ask of the kernel, said by the helper itself before it reads anything: whoever takes it over by way of a
 * file, a record or an answer of the kernel finds no other program to start, no socket but netlink, no memory that can be
 * written and run. systemd could do much of this by settings of the unit, but takes two milliseconds for it, at each start and
 * each stop; here it is one system call of 0.06 ms. And here the loader has done its work, so nothing needs to be allowed for
 * it, and each verb has its own list.
 *
 * The list is a table of numbers of system calls, most of them with what an argument has to be. It becomes a program for the
 * kernel's packet filter machine (seccomp(2)), which runs at each system call. It sees numbers, not what they point to: paths
 * and contents are for capabilities and file permissions. Anything that is not in the table gets EPERM, as from somebody
 * without the right to do it, and never a signal: another libc may try a newer call first, and take the old one then. */

#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

/* Numbers mean other calls to a kernel that takes the process for one of another architecture (int 0x80 on amd64). */
#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __i386__
#define ARCHITECTURE AUDIT_ARCH_I386
#elif defined __aarch64__ && defined __AARCH64EL__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined __arm__ && defined __ARMEL__
#define ARCHITECTURE AUDIT_ARCH_ARM
#elif defined __powerpc64__ && defined __LITTLE_ENDIAN__
#define ARCHITECTURE AUDIT_ARCH_PPC64LE
#elif defined __powerpc64__
#define ARCHITECTURE AUDIT_ARCH_PPC64
#elif defined __powerpc__
#define ARCHITECTURE AUDIT_ARCH_PPC
#elif defined __s390x__
#define ARCHITECTURE AUDIT_ARCH_S390X
#elif defined __riscv && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#elif defined __loongarch__ && defined AUDIT_ARCH_LOONGARCH64
#define ARCHITECTURE AUDIT_ARCH_LOONGARCH64
#elif defined __mips64 && defined __MIPSEL__ && _MIPS_SIM == _ABI64
#define ARCHITECTURE AUDIT_ARCH_MIPSEL64
#elif defined __mips__ && defined __MIPSEL__ && _MIPS_SIM == _ABIO32
#define ARCHITECTURE AUDIT_ARCH_MIPSEL
#elif defined __hppa__
#define ARCHITECTURE AUDIT_ARCH_PARISC
#elif defined __m68k__
#define ARCHITECTURE AUDIT_ARCH_M68K
#elif defined __sh__ && defined __LITTLE_ENDIAN__
#define ARCHITECTURE AUDIT_ARCH_SHEL
#endif

/* AddressSanitizer and LeakSanitizer start processes, trace themselves and read where they run. */
#if defined __SANITIZE_ADDRESS__
#undef ARCHITECTURE
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#undef ARCHITECTURE
#endif
#endif

/* A host name that is written to /proc/sys is then that of this process alone. Who may not have one of his own, as restore, is
 * not worse off for it. */
static void leave_hostname(void) {
        (void)unshare(CLONE_NEWUTS);
}

#ifndef ARCHITECTURE

int sandbox_enter(enum sandbox verb _unused_) {
        leave_hostname();
        return 0;
}

#else

/* Tests of what the list lacks want to hear of it: -Dc_args=-DSANDBOX_KILLS */
#ifdef SANDBOX_KILLS
#define OTHERWISE SECCOMP_RET_KILL_PROCESS
#else
#define OTHERWISE (SECCOMP_RET_ERRNO | EPERM)
#endif

enum {
        ALL = SANDBOX_UP | SANDBOX_RELOAD | SANDBOX_DOWN | SANDBOX_RESTORE,
        MAKES_FILE = O_CREAT | (O_TMPFILE & ~O_DIRECTORY)
};

enum condition {
        ALWAYS,
        IS,      /* the argument is VALUE; several rows of one call are alternatives */
        LACKS,   /* the argument has none of the bits of VALUE */
        IS_SELF, /* the argument is the number of this process */
};

struct rule {
        int number;
        uint8_t verbs;
        uint8_t condition;
        uint8_t argument; /* from 0 */
        uint32_t value;
};

/* What the helper calls, and what glibc and musl make of that on one architecture or another. Of the older calls not every
 * architecture has each. */
static const struct rule rules[] = {
#ifdef SANDBOX_KILLS
        { -1, ALL }, /* what strace(1) leaves out to give an error in its place */
#endif
        /* Where no file is made nobody needs to say a mode, and anything may be in its place. */
        { __NR_openat, ALL, LACKS, 3, S_ISUID | S_ISGID },
        { __NR_openat, ALL, LACKS, 2, MAKES_FILE },
        { __NR_read, ALL },
        { __NR_readv, ALL },
        { __NR_pread64, ALL },
        { __NR_write, ALL },
        { __NR_writev, ALL },
        { __NR_pwrite64, ALL },
        { __NR_close, ALL },
        { __NR_lseek, ALL },
        { __NR_getdents64, ALL },
        { __NR_statx, ALL },
        { __NR_statfs, ALL },
        { __NR_fstatfs, ALL },
        { __NR_faccessat, ALL },
        { __NR_renameat2, ALL },
        { __NR_unlinkat, ALL },
        { __NR_mkdirat, ALL, LACKS, 2, S_ISUID | S_ISGID },
        { __NR_fchmod, ALL, LACKS, 1, S_ISUID | S_ISGID },
        { __NR_umask, ALL },
        { __NR_flock, ALL },
        /* Not F_SETOWN and F_SETSIG: they send signals to others. */
        { __NR_fcntl, ALL, IS, 1, F_GETFD },
        { __NR_fcntl, ALL, IS, 1, F_SETFD },
        { __NR_fcntl, ALL, IS, 1, F_GETFL },
        { __NR_fcntl, ALL, IS, 1, F_OFD_SETLK },
        { __NR_fcntl, ALL, IS, 1, F_OFD_SETLKW },
#ifdef __NR_fstat
        { __NR_fstat, ALL },
#endif
#ifdef __NR_newfstatat
        { __NR_newfstatat, ALL },
#endif
#ifdef __NR_faccessat2
        { __NR_faccessat2, ALL },
#endif
#ifdef __NR_renameat
        { __NR_renameat, ALL },
#endif
#ifdef __NR_open
        { __NR_open, ALL, LACKS, 2, S_ISUID | S_ISGID },
        { __NR_open, ALL, LACKS, 1, MAKES_FILE },
        { __NR_stat, ALL },
        { __NR_lstat, ALL },
        { __NR_access, ALL },
        { __NR_rename, ALL },
        { __NR_unlink, ALL },
        { __NR_rmdir, ALL },
        { __NR_mkdir, ALL, LACKS, 1, S_ISUID | S_ISGID },
        { __NR_poll, ALL },
#endif
#ifdef __NR_stat64
        { __NR_stat64, ALL },
        { __NR_lstat64, ALL },
        { __NR_fstat64, ALL },
#endif
#ifdef __NR_fstatat64
        { __NR_fstatat64, ALL },
#endif
#ifdef __NR_statfs64
        { __NR_statfs64, ALL },
        { __NR_fstatfs64, ALL },
#endif
#ifdef __NR__llseek
        { __NR__llseek, ALL },
#endif
#ifdef __NR_fcntl64
        { __NR_fcntl64, ALL, IS, 1, F_GETFD },
        { __NR_fcntl64, ALL, IS, 1, F_SETFD },
        { __NR_fcntl64, ALL, IS, 1, F_GETFL },
        { __NR_fcntl64, ALL, IS, 1, F_OFD_SETLK },
        { __NR_fcntl64, ALL, IS, 1, F_OFD_SETLKW },
#endif

/* Memory: never what can be run. s390 has the arguments of mmap() in memory, and i386 those of the older of two. */
#if defined __s390__
        { __NR_mmap, ALL },
#elif defined __NR_mmap2
        { __NR_mmap2, ALL, LACKS, 2, PROT_EXEC },
#else
        { __NR_mmap, ALL, LACKS, 2, PROT_EXEC },
#endif
        { __NR_mprotect, ALL, LACKS, 2, PROT_EXEC },
        { __NR_munmap, ALL },
        { __NR_mremap, ALL },
        { __NR_madvise, ALL },
        { __NR_brk, ALL },
        { __NR_getrandom, ALL },
        { __NR_sysinfo, ALL }, /* qsort(): how much memory there is */

        { __NR_socket, ALL, IS, 0, AF_NETLINK },
        { __NR_bind, ALL },
        { __NR_getsockname, ALL },
        { __NR_getsockopt, ALL },
        { __NR_setsockopt, ALL },
        { __NR_sendto, ALL },
        { __NR_sendmsg, ALL },
        { __NR_recvfrom, ALL },
        { __NR_recvmsg, ALL },
#ifdef __NR_send
        { __NR_send, ALL },
#endif
#ifdef __NR_recv
        { __NR_recv, ALL },
#endif
/* Where a libc for old kernels makes all calls of sockets by one; what follows its first argument is in memory. */
#if defined __NR_socketcall && (defined __i386__ || defined __s390__ || defined __m68k__)
        { __NR_socketcall, ALL, IS, 0, SYS_SOCKET },
        { __NR_socketcall, ALL, IS, 0, SYS_BIND },
        { __NR_socketcall, ALL, IS, 0, SYS_GETSOCKNAME },
        { __NR_socketcall, ALL, IS, 0, SYS_GETSOCKOPT },
        { __NR_socketcall, ALL, IS, 0, SYS_SETSOCKOPT },
        { __NR_socketcall, ALL, IS, 0, SYS_SEND },
        { __NR_socketcall, ALL, IS, 0, SYS_SENDTO },
        { __NR_socketcall, ALL, IS, 0, SYS_SENDMSG },
        { __NR_socketcall, ALL, IS, 0, SYS_RECV },
        { __NR_socketcall, ALL, IS, 0, SYS_RECVFROM },
        { __NR_socketcall, ALL, IS, 0, SYS_RECVMSG },
#endif
        { __NR_ioctl, ALL, IS, 1, SIOCGIFINDEX },
        { __NR_ioctl, ALL, IS, 1, SIOCGIFNAME },
        { __NR_ioctl, SANDBOX_UP | SANDBOX_RELOAD, IS, 1, TUNSETIFINDEX },
        { __NR_ioctl, SANDBOX_UP | SANDBOX_RELOAD, IS, 1, TUNSETIFF },
        { __NR_ioctl, SANDBOX_UP | SANDBOX_RELOAD, IS, 1, TUNSETOWNER },
        { __NR_ioctl, SANDBOX_UP | SANDBOX_RELOAD, IS, 1, TUNSETGROUP },
        { __NR_ioctl, SANDBOX_UP | SANDBOX_RELOAD, IS, 1, TUNSETPERSIST },

        /* No core of who reads a key */
        { __NR_prctl, SANDBOX_UP | SANDBOX_RELOAD, IS, 0, PR_SET_DUMPABLE },

        /* Time, signals and the end */
        { __NR_clock_gettime, ALL },
        { __NR_ppoll, ALL },
        { __NR_setitimer, ALL },
        { __NR_rt_sigaction, ALL },
        { __NR_rt_sigprocmask, ALL },
        { __NR_rt_sigreturn, ALL },
        { __NR_restart_syscall, ALL },
        { __NR_futex, ALL },
        { __NR_getpid, ALL },
        { __NR_gettid, ALL },
        { __NR_uname, ALL },
        { __NR_tgkill, ALL, IS_SELF, 0 }, /* abort() */
        { __NR_exit, ALL },
        { __NR_exit_group, ALL },
#ifdef __NR_clock_gettime64
        { __NR_clock_gettime64, ALL },
        { __NR_ppoll_time64, ALL },
        { __NR_futex_time64, ALL },
#endif
#ifdef __NR_gettimeofday
        { __NR_gettimeofday, ALL },
#endif
#ifdef __NR_time
        { __NR_time, ALL },
#endif
#ifdef __NR_sigreturn
        { __NR_sigreturn, ALL },
#endif

        /* Namespaces. Nothing here mounts a file system or mounts one anew with other flags. */
        { __NR_setns, SANDBOX_UP | SANDBOX_RELOAD | SANDBOX_DOWN, IS, 1, CLONE_NEWNET },
        { __NR_umount2, SANDBOX_UP | SANDBOX_DOWN, IS, 1, MNT_DETACH | UMOUNT_NOFOLLOW },
        { __NR_unshare, SANDBOX_UP, IS, 0, CLONE_NEWNET },
        { __NR_mount, SANDBOX_UP, IS, 3, MS_BIND },
        { __NR_mount, SANDBOX_UP, IS, 3, MS_BIND | MS_REC },
        { __NR_mount, SANDBOX_UP, IS, 3, MS_SHARED },
        { __NR_mount, SANDBOX_UP, IS, 3, MS_SHARED | MS_REC },
        { __NR_mount, SANDBOX_UP, IS, 3, MS_PRIVATE | MS_REC },
};

enum { LONGEST_RULE = 5, AROUND = 6, LONGEST = AROUND + LONGEST_RULE * ARRAY_SIZE(rules) };

struct program {
        struct sock_filter code[LONGEST];
        unsigned short n;
};

static void put(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no) {
        p->code[p->n++] = (struct sock_filter){ .code = code, .jt = yes, .jf = no, .k = k };
}

/* One of the numbers that describe a system call becomes what is compared. */
static void load(struct program *p, size_t offset) {
        put(p, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

/* Whether that is, or has a bit of, VALUE: the two say how many instructions are left out if so, and if not. */
static void compare(struct program *p, uint16_t how, uint32_t value, uint8_t yes, uint8_t no) {
        put(p, BPF_JMP | how | BPF_K, value, yes, no);
}

static void answer(struct program *p, uint32_t what) {
        put(p, BPF_RET | BPF_K, what, 0, 0);
}

/* An argument is 64 bits wide; flags and numbers are in the lower half, and where the kernel takes more than an int it looks at
 * no flag beyond. */
static size_t argument(unsigned i) {
        return offsetof(struct seccomp_data, args) + i * sizeof(uint64_t) +
               (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(uint32_t) : 0);
}

static void put_rule(struct program *p, const struct rule *r) {
        uint32_t value = r->condition == IS_SELF ? (uint32_t)getpid() : r->value;

        if (r->condition == ALWAYS) {
                compare(p, BPF_JEQ, r->number, 0, 1);
                answer(p, SECCOMP_RET_ALLOW);
                return;
        }
        compare(p, BPF_JEQ, r->number, 0, LONGEST_RULE - 1);
        load(p, argument(r->argument));
        if (r->condition == LACKS)
                compare(p, BPF_JSET, value, 1, 0);
        else
                compare(p, BPF_JEQ, value, 0, 1);
        answer(p, SECCOMP_RET_ALLOW);
        load(p, offsetof(struct seccomp_data, nr));
}

/* BPF_TAX copies the number to where nobody looks. The kernel (from Linux 5.11 on) tries a new program with each number there
 * is, to remember what needs no look at arguments, up to the first instruction of this kind. That takes longer than to run the
 * program at the hundred or so calls that a helper makes. */
static void build(struct program *p, enum sandbox verb) {
        p->n = 0;
        load(p, offsetof(struct seccomp_data, arch));
        compare(p, BPF_JEQ, ARCHITECTURE, 1, 0);
        answer(p, OTHERWISE);
        load(p, offsetof(struct seccomp_data, nr));
        put(p, BPF_MISC | BPF_TAX, 0, 0, 0);
        for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
                if (rules[i].verbs & verb)
                        put_rule(p, &rules[i]);
        answer(p, OTHERWISE);
}

/* A kernel without seccomp is none of Debian's where it could have it; there systemd's own filters are left out in silence, too,
 * and a line at each start about what nobody can mend would help no one. What else goes wrong is an error: not to start is
 * better than to start with less protection than promised. */
int sandbox_enter(enum sandbox verb) {
        struct program p;
        struct sock_fprog filter;

        build(&p, verb);
        filter = (struct sock_fprog){ .len = p.n, .filter = p.code };
        leave_hostname();
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -errno;
        if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
                return errno == ENOSYS || errno == EINVAL ? 0 : -errno;
        return 0;
}

#endif
