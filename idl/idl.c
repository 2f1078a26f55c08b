/*
 * Loading: the named file, what it imports, what that imports.  Files are read once each, whatever
 * the number of paths that lead to them.
 */
#include "idl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "ast.h"
#include "check.h"

enum {
	MAX_FILE = 16 << 20,
	MAX_FILES = 1000,
	MAX_IMPORT_DEPTH = 100
};

struct loaded_file {
	struct unit unit;
	dev_t device;
	ino_t inode;
	bool is_loading;		/* its imports are being followed */
	uint32_t imported_by;		/* the last file that imported it, as order + 1 */
	struct location imported_at;
};

struct loader {
	struct idl idl;			/* first: idl_free() gets a pointer to it */
	struct arena *arena;
	struct diagnostics *diagnostics;
	const char *const *include;
	size_t include_count;
	struct loaded_file *files[MAX_FILES];	/* as found */
	uint32_t file_count;
	struct unit *done[MAX_FILES];	/* an import before its importer */
	size_t done_count;
	struct loaded_file *path[MAX_IMPORT_DEPTH];	/* from the named file to where loading is */
	unsigned depth;
};

/* ---- one file ---- */

static void report_open(struct loader *l, struct location where, const char *path, int error)
{
	diag_error(l->diagnostics, DIAG_OPEN, where, "cannot read '%s': %s", path, strerror(error));
}

/* The whole of a file, with two NULs behind it; NULL with errno, EFBIG if it is too large. */
static char *read_all(struct loader *l, int fd, size_t expected, uint32_t *length)
{
	size_t room = expected + 1 < 4096 ? 4096 : expected + 1, used = 0;
	char *text = arena_alloc(l->arena, room + 2);

	for (;;) {
		ssize_t got = read(fd, text + used, room - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return NULL;
		if (got == 0)
			break;
		used += (size_t)got;
		if (used > MAX_FILE) {
			errno = EFBIG;
			return NULL;
		}
		if (used == room) {
			char *larger = arena_alloc(l->arena, room * 2 + 2);

			memcpy(larger, text, used);
			text = larger;
			room *= 2;
		}
	}
	text[used] = text[used + 1] = '\0';
	*length = (uint32_t)used;
	return text;
}

/* A file that has been opened for reading and can be one, or -1 with errno. */
static int open_file(const char *path, struct stat *status)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int error = 0;

	if (fd < 0)
		return -1;
	if (fstat(fd, status) < 0)
		error = errno;
	else if (S_ISDIR(status->st_mode))
		error = EISDIR;
	else if (!S_ISREG(status->st_mode) && !S_ISFIFO(status->st_mode))
		error = EINVAL;
	if (!error)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

/* The file of that identity, if it has been read, or a new one; NULL after a report. */
static struct loaded_file *load_file(struct loader *l, const char *path, struct location where,
				     int fd, const struct stat *status)
{
	struct loaded_file *file;
	struct source *source;

	for (uint32_t i = 0; i < l->file_count; i++) {
		if (l->files[i]->device == status->st_dev && l->files[i]->inode == status->st_ino)
			return l->files[i];
	}
	if (l->file_count == MAX_FILES) {
		diag_error(l->diagnostics, DIAG_IMPORT_LIMIT, where,
			   "more than %d files are imported", MAX_FILES);
		return NULL;
	}
	file = arena_alloc(l->arena, sizeof *file);
	file->device = status->st_dev;
	file->inode = status->st_ino;
	source = &file->unit.source;
	source->path = path;
	source->order = l->file_count;
	if (S_ISREG(status->st_mode) && status->st_size > MAX_FILE)
		errno = EFBIG;
	else
		source->text = read_all(l, fd, S_ISREG(status->st_mode) ? (size_t)status->st_size : 0,
					&source->length);
	if (!source->text) {
		if (errno == EFBIG)
			diag_error(l->diagnostics, DIAG_FILE_SIZE, where,
				   "'%s' is larger than 16 MiB", path);
		else
			report_open(l, where, path, errno);
		return NULL;
	}
	l->files[l->file_count++] = file;
	file->unit.ast = ast_parse(source, l->arena, l->diagnostics);
	return file;
}

/* ---- imports ---- */

/* The path of an import seen from the importing file, or from a folder of the command line. */
static const char *join_path(struct loader *l, const char *folder, size_t length, const char *name)
{
	if (name[0] == '/' || length == 0)
		return name;
	return arena_printf(l->arena, "%.*s%s%s", (int)length, folder,
			    folder[length - 1] == '/' ? "" : "/", name);
}

static struct loaded_file *find_import(struct loader *l, const struct source *importer,
				       const struct ast_word *import)
{
	const char *slash = strrchr(importer->path, '/');
	size_t length = slash ? (size_t)(slash - importer->path) + 1 : 0;
	const char *path = join_path(l, importer->path, length, import->text);
	struct stat status;
	int fd = open_file(path, &status), error = errno;
	struct loaded_file *file;

	for (size_t i = 0; fd < 0 && error == ENOENT && i < l->include_count; i++) {
		const char *other = join_path(l, l->include[i], strlen(l->include[i]), import->text);

		fd = open_file(other, &status);
		if (fd >= 0 || errno != ENOENT) {
			path = other;
			error = errno;
		}
	}
	if (fd < 0) {
		report_open(l, import->where, path, error);
		return NULL;
	}
	file = load_file(l, path, import->where, fd, &status);
	close(fd);
	return file;
}

static void report_import_cycle(struct loader *l, const struct loaded_file *file,
				struct location where)
{
	struct diag *report = diag_error(l->diagnostics, DIAG_IMPORT_CYCLE, where,
					 "'%s' imports itself", file->unit.source.path);
	unsigned start = 0;

	while (l->path[start] != file)
		start++;
	for (unsigned i = start; i + 1 < l->depth; i++)
		diag_note(l->diagnostics, report, l->path[i + 1]->imported_at, "'%s' imports '%s'",
			  l->path[i]->unit.source.path, l->path[i + 1]->unit.source.path);
	diag_note(l->diagnostics, report, where, "'%s' imports '%s'",
		  l->path[l->depth - 1]->unit.source.path, file->unit.source.path);
}

static void load_imports(struct loader *l, struct loaded_file *file);

/* False if the import does not count; the reason has been reported. */
static bool follow_import(struct loader *l, struct loaded_file *importer,
			  const struct ast_word *import)
{
	struct loaded_file *file = find_import(l, &importer->unit.source, import);
	struct diag *report;

	if (!file)
		return false;
	if (file->is_loading) {
		report_import_cycle(l, file, import->where);
		return false;
	}
	if (file->imported_by == importer->unit.source.order + 1) {
		report = diag_error(l->diagnostics, DIAG_IMPORT_TWICE, import->where,
				    "'%s' is already imported", file->unit.source.path);
		diag_note(l->diagnostics, report, file->imported_at, "here");
		return true;
	}
	file->imported_by = importer->unit.source.order + 1;
	file->imported_at = import->where;
	if (!file->unit.imports && l->depth == MAX_IMPORT_DEPTH) {
		diag_error(l->diagnostics, DIAG_IMPORT_LIMIT, import->where,
			   "imports are nested more than %d deep", MAX_IMPORT_DEPTH);
		return false;
	}
	importer->unit.imports[importer->unit.import_count++] = &file->unit;
	if (!file->unit.imports)
		load_imports(l, file);
	return true;
}

/* Recursion as deep as imports nest, which follow_import() bounds. */
static void load_imports(struct loader *l, struct loaded_file *file)
{
	struct unit *unit = &file->unit;
	size_t count = 0;

	for (const struct ast_import *import = unit->ast->imports; import; import = import->next)
		count++;
	/* One more than needed, so that it is never NULL: that tells that this has been done. */
	unit->imports = arena_array(l->arena, count + 1, sizeof *unit->imports);
	file->is_loading = true;
	l->path[l->depth++] = file;
	for (const struct ast_import *import = unit->ast->imports; import; import = import->next) {
		if (!follow_import(l, file, &import->path))
			unit->has_lost_imports = true;
	}
	l->depth--;
	file->is_loading = false;
	l->done[l->done_count++] = unit;
}

/* ---- the door ---- */

struct idl *idl_load(const char *path, const char *const *include, size_t include_count)
{
	struct arena *arena = arena_new();
	struct loader *l = arena_alloc(arena, sizeof *l);
	struct location nowhere = { .source = NULL };
	struct loaded_file *file = NULL;
	const struct model *model;
	struct stat status;
	const char **files;
	int fd;

	l->arena = l->idl.arena = arena;
	l->diagnostics = l->idl.diagnostics = diag_new(arena);
	l->include = include;
	l->include_count = include_count;

	path = arena_copy(arena, path, strlen(path));
	fd = open_file(path, &status);
	if (fd < 0) {
		report_open(l, nowhere, path, errno);
	} else {
		file = load_file(l, path, nowhere, fd, &status);
		close(fd);
	}
	if (file) {
		load_imports(l, file);
		model = check_program(arena, l->diagnostics, l->done, l->done_count);
		l->idl.model = diag_count(l->diagnostics) == 0 ? model : NULL;
	}

	files = arena_array(arena, l->file_count, sizeof *files);
	for (uint32_t i = 0; i < l->file_count; i++)
		files[i] = l->files[i]->unit.source.path;
	l->idl.files = files;
	l->idl.file_count = l->file_count;
	return &l->idl;
}

void idl_free(struct idl *idl)
{
	arena_free(idl->arena);
}
