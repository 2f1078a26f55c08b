/*
 * Loaded before everything else (LD_PRELOAD), this counts the allocations of a process and of those
 * that it forks: malloc, calloc, realloc and their like, each call one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>

/* The GNU C library's own names for what is replaced here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);

unsigned long link_allocations(void);

static atomic_ulong before_start, *counter = &before_start;

__attribute__((constructor)) static void share(void)
{
	void *page = mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		abort();
	counter = page;
}

unsigned long link_allocations(void)
{
	return atomic_load(counter);
}

static void one_more(void)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

void *malloc(size_t size)
{
	one_more();
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	one_more();
	return __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	one_more();
	return __libc_realloc(p, size);
}

void *memalign(size_t align, size_t size)
{
	one_more();
	return __libc_memalign(align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int posix_memalign(void **p, size_t align, size_t size)
{
	*p = memalign(align, size);
	return *p == NULL ? ENOMEM : 0;
}
