/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lets helpers take turns, with a bound on the waiting: a helper that waits for ever would hold up
 * the boot. */

#include "state/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "util.h"

#define LOCK_PATH RUN_DIR "/lock"

/* Not to be opened by others: a lock for reading would do to keep us waiting. */
enum { LOCK_MODE = 0600 };

static void nothing(int signal _unused_) {
}

/* A timer that keeps firing bounds the waiting: fcntl() returns EINTR. */
static void set_timer(bool on) {
        struct itimerval timer = { 0 };

        if (on) {
                struct sigaction action = { .sa_handler = nothing };

                sigaction(SIGALRM, &action, NULL);
                timer.it_value.tv_sec = timer.it_interval.tv_sec = 1;
        }
        setitimer(ITIMER_REAL, &timer, NULL);
}

static int open_file(int *ret) {
        int fd = open(LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, LOCK_MODE);

        if (fd < 0 && errno == ENOENT) {
                if (mkdir(RUN_DIR, 0755) < 0 && errno != EEXIST)
                        return -errno;
                fd = open(LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, LOCK_MODE);
        }
        if (fd < 0)
                return -errno;
        *ret = fd;
        return 0;
}

/* The last one out may have removed the file while we waited for it. One of an older version was open to
 * everybody. */
static bool still_there(int fd) {
        struct stat a, b;

        if (fstat(fd, &a) < 0 || stat(LOCK_PATH, &b) < 0 || a.st_ino != b.st_ino ||
            a.st_dev != b.st_dev)
                return false;
        if ((a.st_mode & 07777) != LOCK_MODE)
                (void)fchmod(fd, LOCK_MODE);
        return true;
}

/* Byte 0 for the shared lock, one of the bytes from 16 on for each NAME; two names that meet on one only
 * take turns without need. */
static struct flock range(enum lock lock, const char *name, short type) {
        uint64_t h = 0xcbf29ce484222325;

        for (; name && *name; name++)
                h = (h ^ (unsigned char)*name) * 0x100000001b3;
        return (struct flock){
                .l_type = type,
                .l_whence = SEEK_SET,
                .l_start = lock == LOCK_NAME ? (off_t)(16 + (h >> 32)) : (off_t)lock,
                .l_len = 1,
        };
}

/* Each holder of the shared lock leaves another stamp in the file, so that who waits in a long queue sees
 * that it moves. Without it he gives up too early, and no more. */
static int64_t stamp_of(int fd) {
        int64_t stamp = 0;

        return pread(fd, &stamp, sizeof stamp, 0) == sizeof stamp ? stamp : 0;
}

static void leave_stamp(int fd) {
        int64_t stamp = now_us();

        if (pwrite(fd, &stamp, sizeof stamp, 0) < 0)
                errno = 0;
}

/* LOCK_SECONDS of one holder, however long the queue is. */
static int wait_for(int fd, struct flock *f) {
        int64_t bound = LOCK_SECONDS * INT64_C(1000000), end, last;
        int r = fcntl(fd, F_OFD_SETLK, f) < 0 ? -errno : 0;

        if (r != -EAGAIN && r != -EACCES)
                return r;
        end = now_us() + bound;
        last = stamp_of(fd);
        set_timer(true);
        do {
                r = fcntl(fd, F_OFD_SETLKW, f) < 0 ? -errno : 0;
                if (r == -EINTR && stamp_of(fd) != last) {
                        last = stamp_of(fd);
                        end = now_us() + bound;
                }
        } while (r == -EINTR && now_us() < end);
        set_timer(false);
        return r == -EINTR ? -ETIMEDOUT : r;
}

int lock_take(enum lock lock, const char *name, int *ret, struct diags *d) {
        struct flock f = range(lock, name, F_WRLCK);
        int r, fd = -1;

        do {
                lock_release(fd);
                r = open_file(&fd);
                if (r < 0)
                        return diag_error(d, r, NULL, NULL, "cannot open %s: %s", LOCK_PATH,
                                          strerror(-r));
                r = wait_for(fd, &f);
        } while (r == 0 && !still_there(fd));
        if (r < 0) {
                lock_release(fd);
                if (r == -ETIMEDOUT)
                        return diag_error(d, -ENOLCK, NULL, NULL,
                                          "another vnet-helper has held the %s%s (%s) for %d "
                                          "seconds",
                                          name ? "lock of " : "shared lock", name ?: "", LOCK_PATH,
                                          LOCK_SECONDS);
                return diag_error(d, r, NULL, NULL, "cannot lock %s: %s", LOCK_PATH, strerror(-r));
        }
        if (lock == LOCK_SHARED)
                leave_stamp(fd);
        *ret = fd;
        return 0;
}

int lock_release(int fd) {
        if (fd >= 0)
                close(fd);
        return -1;
}

void run_dir_remove(void) {
        struct flock f = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0 };
        int fd;

        if (rmdir(RUN_DIR "/state") < 0 && errno != ENOENT)
                return;
        rmdir(RUN_DIR "/users");
        /* nobody holds or waits for any lock: then nobody is between its lock and its record */
        fd = open(LOCK_PATH, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &f) == 0 && still_there(fd) &&
            access(RUN_DIR "/state", F_OK) < 0 && errno == ENOENT)
                unlink(LOCK_PATH);
        lock_release(fd);
        rmdir(RUN_DIR);
}
