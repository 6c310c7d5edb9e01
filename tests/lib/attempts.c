/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A stand-in for vnet-helper: with the name of a verb it enters the sandbox that the helper has for that verb, then it tries what
 * is to be forbidden, and a little of what must be allowed, and says of each how it ended: "NAME yes" or "NAME no". Without a
 * verb it only tries. Started by a unit in the helper's place it has the unit's protection too, and tells not which of them
 * forbids a thing. In the boot suite it is static, as it runs in systems of other releases. */

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sandbox.h"
#include "util.h"

#define SCRATCH "/run/vtest/scratch"

static bool has_socket(int family, int type) {
        int fd = socket(family, type | SOCK_CLOEXEC, 0);

        return fd >= 0 && close(fd) == 0;
}

static bool netlink(void) {
        return has_socket(AF_NETLINK, SOCK_RAW);
}
static bool inet(void) {
        return has_socket(AF_INET, SOCK_STREAM);
}
static bool inet6(void) {
        return has_socket(AF_INET6, SOCK_DGRAM);
}
static bool local(void) {
        return has_socket(AF_UNIX, SOCK_STREAM);
}
static bool packet(void) {
        return has_socket(AF_PACKET, SOCK_RAW);
}

/* Looked at beforehand: without arguments they fail for other reasons than a filter. */
static bool is_let_through(long result) {
        return result >= 0 || (errno != EPERM && errno != EACCES && errno != ENOSYS);
}

static bool trace(void) {
        return is_let_through(ptrace(PTRACE_DETACH, getpid(), NULL, NULL));
}
static bool read_memory(void) {
        return is_let_through(syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0));
}
static bool load_module(void) {
        return is_let_through(syscall(SYS_init_module, NULL, 0, ""));
}
static bool load_kernel(void) {
        return is_let_through(syscall(SYS_kexec_load, 0, 0, NULL, 0));
}
static bool load_bpf(void) {
        return is_let_through(syscall(SYS_bpf, -1, NULL, 0));
}
static bool count_events(void) {
        return is_let_through(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
}
static bool use_keys(void) {
        return is_let_through(
                syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
}
static bool set_clock(void) {
        struct timespec t;

        return clock_gettime(CLOCK_REALTIME, &t) == 0 && clock_settime(CLOCK_REALTIME, &t) == 0;
}
static bool adjust_clock(void) {
        struct timex t = { .modes = ADJ_STATUS };

        return adjtimex(&t) >= 0;
}
static bool set_hostname(void) {
        return sethostname("other", 5) == 0;
}
static bool set_domainname(void) {
        return setdomainname("other", 5) == 0;
}
static bool root_elsewhere(void) {
        return chroot("/run") == 0;
}
static bool swap(void) {
        return is_let_through(syscall(SYS_swapon, "/nowhere", 0));
}
static bool start_process(void) {
        pid_t pid = fork();

        if (pid == 0)
                _exit(0);
        return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

static bool start_program(void) {
        return is_let_through(execl("/nowhere", "nowhere", NULL));
}
static bool send_signal(void) {
        return kill(getppid(), 0) == 0;
}
static bool signal_itself(void) {
        return is_let_through(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 0));
}
static bool signal_thread(void) {
        return is_let_through(syscall(SYS_tgkill, 1, 1, 0));
}
static bool signal_by_file(void) {
        int fd = open(SCRATCH, O_RDONLY | O_CLOEXEC);

        return fd >= 0 && fcntl(fd, F_SETOWN, getppid()) == 0;
}
static bool type_for_others(void) {
        return is_let_through(ioctl(STDIN_FILENO, TIOCSTI, ""));
}
static bool connect_elsewhere(void) {
        return is_let_through(connect(-1, NULL, 0));
}
static bool submission_ring(void) {
        return is_let_through(syscall(SYS_io_uring_setup, 0, NULL));
}
static bool file_by_handle(void) {
        return is_let_through(syscall(SYS_open_by_handle_at, -1, NULL, 0));
}

/* The same numbers are other calls there. A kernel without that architecture answers with a signal. */
static sigjmp_buf back;
static void jump_back(int signal _unused_) {
        siglongjmp(back, 1);
}
static bool other_architecture(void) {
        long result = -EPERM;

        signal(SIGSEGV, jump_back);
#ifdef __x86_64__
        if (sigsetjmp(back, 1) == 0)
                __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L /* getpid */) : "memory");
#endif
        return result > 0;
}

/* --- memory --- */

static bool writable_code(void) {
        return mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
               MAP_FAILED;
}
static bool code_from_data(void) {
        void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        return p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool code_of_a_file(void) {
        int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

        return fd >= 0 && mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != MAP_FAILED;
}

/* --- namespaces --- */

static bool new_net(void) {
        return unshare(CLONE_NEWNET) == 0;
}
static bool new_user(void) {
        return unshare(CLONE_NEWUSER) == 0;
}
static bool new_mounts(void) {
        return unshare(CLONE_NEWNS) == 0;
}
static bool new_uts(void) {
        return unshare(CLONE_NEWUTS) == 0;
}
static bool new_ipc(void) {
        return unshare(CLONE_NEWIPC) == 0;
}
static bool new_pid(void) {
        return unshare(CLONE_NEWPID) == 0;
}
static bool new_cgroup(void) {
        return unshare(CLONE_NEWCGROUP) == 0;
}
static bool enter_net(void) {
        int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

        return fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
}
static bool enter_any(void) {
        int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

        return fd >= 0 && setns(fd, 0) == 0;
}
static bool enter_uts(void) {
        int fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);

        return fd >= 0 && setns(fd, CLONE_NEWUTS) == 0;
}

/* --- privilege --- */

static bool realtime(void) {
        return sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 1 }) == 0;
}
static bool other_personality(void) {
        return personality(ADDR_NO_RANDOMIZE) >= 0;
}
static bool become_user(void) {
        return setresuid((uid_t)-1, 1, (uid_t)-1) == 0 && setresuid((uid_t)-1, 0, (uid_t)-1) == 0;
}
static bool setuid_file(void) {
        return chmod(SCRATCH, 04755) == 0;
}
static bool setuid_open_file(void) {
        int fd = open(SCRATCH, O_RDONLY | O_CLOEXEC);

        return fd >= 0 && fchmod(fd, 04755) == 0;
}
static bool new_setuid_file(void) {
        return open(SCRATCH ".setuid", O_WRONLY | O_CREAT | O_CLOEXEC, 04755) >= 0;
}
static bool group_directory(void) {
        return mkdir(SCRATCH ".directory", 02755) == 0;
}
static bool symbolic_link(void) {
        return symlink("/etc/shadow", SCRATCH ".link") == 0;
}
static bool give_file_away(void) {
        return chown(SCRATCH, 1, 1) == 0;
}
static bool others_file(void) {
        return open(SCRATCH ".other", O_RDWR | O_CLOEXEC) >= 0;
}
static bool device_node(void) {
        return mknod(SCRATCH ".node", S_IFBLK | 0600, makedev(7, 0)) == 0;
}
static bool device(void) {
        return open("/dev/net/tun", O_RDWR | O_CLOEXEC) >= 0;
}
static bool restart_machine(void) {
        return is_let_through(syscall(SYS_reboot, 0, 0, 0, NULL));
}

/* --- what the helper does --- */

static bool write_state(void) {
        int fd = open(SCRATCH, O_RDWR | O_CLOEXEC);

        return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && write(fd, "x", 1) == 1;
}
static bool bind_mount(void) {
        return mount(SCRATCH, SCRATCH, "none", MS_BIND, NULL) == 0;
}
static bool unmount(void) {
        return is_let_through(umount2(SCRATCH ".nothing", MNT_DETACH | UMOUNT_NOFOLLOW));
}
static bool unmount_by_force(void) {
        return is_let_through(umount2(SCRATCH ".nothing", MNT_FORCE));
}
static bool new_file_system(void) {
        return is_let_through(mount("none", SCRATCH ".nothing", "tmpfs", 0, NULL));
}
static bool other_flags(void) {
        return is_let_through(mount(NULL, SCRATCH ".nothing", NULL, MS_REMOUNT | MS_BIND, NULL));
}
static bool move_mount_away(void) {
        return is_let_through(mount(SCRATCH ".nothing", "/run", NULL, MS_MOVE, NULL));
}
static bool mount_by_handle(void) {
        return is_let_through(syscall(SYS_fsopen, NULL, 0));
}

#define TRY(function) \
        { #function, function }
static const struct {
        const char *name;
        bool (*attempt)(void);
} attempts[] = {
        TRY(netlink),
        TRY(write_state),
        TRY(signal_itself),
        TRY(bind_mount),
        TRY(unmount),
        TRY(enter_net),
        TRY(inet),
        TRY(inet6),
        TRY(local),
        TRY(packet),
        TRY(trace),
        TRY(read_memory),
        TRY(load_module),
        TRY(load_kernel),
        TRY(load_bpf),
        TRY(count_events),
        TRY(use_keys),
        TRY(set_clock),
        TRY(adjust_clock),
        TRY(set_hostname),
        TRY(set_domainname),
        TRY(swap),
        TRY(start_process),
        TRY(start_program),
        TRY(signal_thread),
        TRY(send_signal),
        TRY(signal_by_file),
        TRY(type_for_others),
        TRY(connect_elsewhere),
        TRY(submission_ring),
        TRY(file_by_handle),
        TRY(other_architecture),
        TRY(writable_code),
        TRY(code_from_data),
        TRY(code_of_a_file),
        TRY(realtime),
        TRY(other_personality),
        TRY(setuid_file),
        TRY(setuid_open_file),
        TRY(new_setuid_file),
        TRY(group_directory),
        TRY(symbolic_link),
        TRY(give_file_away),
        TRY(others_file),
        TRY(device_node),
        TRY(device),
        TRY(restart_machine),
        TRY(become_user),
        TRY(unmount_by_force),
        TRY(new_file_system),
        TRY(other_flags),
        TRY(move_mount_away),
        TRY(mount_by_handle),
        TRY(new_net),
        TRY(enter_any),
        TRY(new_mounts),
        TRY(new_uts),
        TRY(new_ipc),
        TRY(new_pid),
        TRY(new_cgroup),
        TRY(enter_uts),
        TRY(new_user),
        TRY(root_elsewhere),
};

/* As the kernel has it */
static void say_status(void) {
        FILE *f = fopen("/proc/self/status", "re");
        char line[256];

        while (f && fgets(line, sizeof line, f))
                if (strncmp(line, "Cap", 3) == 0 || strncmp(line, "Umask:", 6) == 0 ||
                    strncmp(line, "NoNewPrivs:", 11) == 0)
                        printf("%s", line);
}

static int enter(const char *verb) {
        static const struct {
                const char *name;
                enum sandbox sandbox;
        } verbs[] = {
                { "up", SANDBOX_UP },
                { "reload", SANDBOX_RELOAD },
                { "down", SANDBOX_DOWN },
                { "restore", SANDBOX_RESTORE },
        };

        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                if (streq(verbs[i].name, verb))
                        return sandbox_enter(verbs[i].sandbox);
        return -EINVAL;
}

int main(int argc, char **argv) {
        if (argc == 2 && enter(argv[1]) < 0)
                return 1;
        say_status();
        for (size_t i = 0; i < ARRAY_SIZE(attempts); i++) {
                printf("%s %s\n", attempts[i].name, attempts[i].attempt() ? "yes" : "no");
                fflush(stdout);
        }
        puts("end");
        return 0;
}
