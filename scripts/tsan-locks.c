// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.
//
// Tells the Thread Sanitizer of locks that were contended. A Mutex of Swift's that two threads want at once is taken and
// given back in libswiftSynchronization, which is built without the sanitizer: each such lock looks like none, and whatever
// it guards like a race. Preloaded into the tests by scripts/tsan; nothing that is shipped has it.
//
// Built by the toolchain's own clang, for Swift's calling convention.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))
#define HANDLE "$s15Synchronization12_MutexHandleV"
#define LOCK HANDLE "9_lockSlowyys6UInt32VF"
#define TRY_LOCK HANDLE "12_tryLockSlowSbyF"
#define UNLOCK HANDLE "11_unlockSlowyyF"

static void tell(const char *what, void *lock) {
    void (*announcement)(void *) = (void (*)(void *))dlsym(RTLD_DEFAULT, what);
    if (announcement) announcement(lock);
}

SWIFT void lock_slow(uint32_t thread, SELF void *self) __asm__(LOCK);
SWIFT void lock_slow(uint32_t thread, SELF void *self) {
    SWIFT void (*real)(uint32_t, SELF void *) = (SWIFT void (*)(uint32_t, SELF void *))dlsym(RTLD_NEXT, LOCK);
    real(thread, self);
    tell("__tsan_acquire", self);
}

SWIFT bool try_lock_slow(SELF void *self) __asm__(TRY_LOCK);
SWIFT bool try_lock_slow(SELF void *self) {
    SWIFT bool (*real)(SELF void *) = (SWIFT bool (*)(SELF void *))dlsym(RTLD_NEXT, TRY_LOCK);
    bool taken = real(self);
    if (taken) tell("__tsan_acquire", self);
    return taken;
}

SWIFT void unlock_slow(SELF void *self) __asm__(UNLOCK);
SWIFT void unlock_slow(SELF void *self) {
    SWIFT void (*real)(SELF void *) = (SWIFT void (*)(SELF void *))dlsym(RTLD_NEXT, UNLOCK);
    tell("__tsan_release", self);
    real(self);
}
