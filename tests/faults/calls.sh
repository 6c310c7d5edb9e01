#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# calls.sh: each system call of a run fails once, with each error that it can plausibly give (strace(1), "tampering").
# A failed up leaves the machine as it was; after a failed down a second one leaves nothing; what is tolerated is done right.
# shellcheck source=tests/faults/lib-faults.sh
. "$(dirname "$0")/lib-faults.sh"
SAMPLE=12
SHORT='up-namespace up-bridge up-second down-namespace down-bridge down-second reload-namespace reload-bridge restore-second'

# What a system call can answer, from its manual page. What is not in here cannot fail, or nobody looks (close, umask). Nor are
# answers that are the truth about something else: ENODEV of ioctl() and ENOENT say that a thing is gone, and it counts as such.
declare -A ERRORS=(
        [access]=EIO [faccessat]=EIO [faccessat2]=EIO [bind]='EADDRINUSE ENOMEM' [fcntl]='EINTR ENOLCK' [flock]='EINTR ENOLCK'
        [fstat]=EIO [fstatfs]=EIO [newfstatat]='EIO EACCES' [lstat]=EIO [stat]=EIO [statfs]=EIO [statx]=EIO [getdents64]=EIO
        [getsockname]=ENOBUFS [getsockopt]=ENOPROTOOPT [ioctl]=EPERM [lseek]=EINVAL [mkdir]='ENOSPC EACCES' [mmap]=ENOMEM [mprotect]=ENOMEM
        [mount]='EPERM ENOMEM' [munmap]=ENOMEM [open]='ENOSPC EMFILE EACCES' [openat]='ENOSPC EMFILE EACCES' [poll]='EINTR ENOMEM'
        [ppoll]='EINTR ENOMEM' [read]='EIO EINTR' [pread64]=EIO [pwrite64]='ENOSPC EIO' [readlink]=EIO [recvfrom]='EINTR ENOBUFS ENOMEM' [recvmsg]='EINTR ENOBUFS ENOMEM'
        [prctl]=EPERM [sysinfo]=EPERM [rename]='ENOSPC EIO' [renameat2]='ENOSPC EIO' [rmdir]='EBUSY EIO' [sendmsg]='EINTR ENOBUFS EPERM' [sendto]='EINTR ENOBUFS EPERM'
        [setitimer]=EINVAL [seccomp]='ENOMEM EINVAL' [setns]='EPERM ENOMEM' [setsockopt]='ENOMEM ENOPROTOOPT' [socket]='EMFILE EAFNOSUPPORT EPERM' [umount2]='EBUSY EPERM'
        [unlink]='EBUSY EIO' [unlinkat]='EBUSY EIO' [unshare]='ENOSPC EPERM' [write]='ENOSPC EINTR EIO'
)
# brk() answers with the old end where it fails, not with an error: memory.sh has that.
NEVER=' brk close umask exit_group rt_sigaction rt_sigprocmask getpid gettid geteuid getrandom clock_nanosleep clock_gettime time getcwd rt_sigreturn '

list_faults() { # VERB
        calls_of "$1" "$W/calls"
        local call n e
        while read -r call n; do
                case $NEVER in *" $call "*) continue ;; esac
                [ -n "${ERRORS[$call]-}" ] || fail "the table in calls.sh says nothing of $call()"
                for e in ${ERRORS[$call]}; do echo "$call $n $e"; done
        done < "$W/calls" > "$W/faults"
}

one_fault() { # VERB LINE
        local call n e
        read -r call n e <<< "$2"
        ready "$1"
        strained "$call:error=$e:when=$n" "$1"
        [ $RC -lt 2 ] || fail "status $RC: $(cat "$W/err")"
        after_error "$1"
}

run_faults "$@"
