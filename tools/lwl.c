/*
 * lwl: the companion for any schema.  The command line.
 */
#include <argp.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lwl.h"

enum {
	KEY_HEX = 256, KEY_LINKID, KEY_MSGID, KEY_COMPACT, KEY_PRETTY, KEY_COLOUR, KEY_INTERFACE,
	KEY_BRIEF, KEY_SCHEMA, KEY_TIMEOUT, KEY_FAIL, KEY_DELAY, KEY_ANSWER, KEY_ONCE
};

enum { ERRORS_END = 8192 };		/* no name of an error has a number from here on */

const char *argp_program_version = "lwl " LWLINK_VERSION;

/* ---- what all share ---- */

void make_printable(char *text)
{
	size_t i;

	for (i = 0; text[i] != '\0'; i++) {
		unsigned char c = (unsigned char)text[i], next = (unsigned char)text[i + 1];

		if ((c < ' ' && c != '\n') || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0))
			text[i] = '?';
	}
}

void complain(const char *format, ...)
{
	char text[4096];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	make_printable(text);
	fflush(stdout);
	fprintf(stderr, "lwl: %s\n", text);
}

void out_of_memory(void)
{
	complain("no memory");
	exit(EXIT_OTHER);
}

void *allocate(void *old, size_t size)
{
	void *p = realloc(old, size);

	if (p == NULL)
		out_of_memory();
	return p;
}

bool finish_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	complain("cannot write: %s", strerror(errno));
	return false;
}

bool wants_colour(enum when when, int fd)
{
	const char *no = getenv("NO_COLOR");

	if (when == WHEN_AUTO)
		return isatty(fd) && (no == NULL || no[0] == '\0');
	return when == WHEN_ALWAYS;
}

/* ---- options ---- */

static const struct argp_option schema_options[] = {
	{ "include", 'I', "DIR", 0, "Look for imported schemas in DIR, too", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

static const struct argp_option decode_options[] = {
	{ "hex", KEY_HEX, NULL, 0, "The message comes as hexadecimal digits, with white space and # "
	  "comments as you like", 0 },
	{ "compact", KEY_COMPACT, NULL, 0, "JSON on one line (default unless on a terminal)", 0 },
	{ "pretty", KEY_PRETTY, NULL, 0, "JSON on many lines", 0 },
	{ "include", 'I', "DIR", 0, "Look for imported schemas in DIR, too", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

static const struct argp_option encode_options[] = {
	{ "hex", KEY_HEX, NULL, 0, "Write hexadecimal digits, 16 bytes a line", 0 },
	{ "linkid", KEY_LINKID, "ID", 0, "Send to this end point (default: that of $header, or 1; 0 "
	  "for the link's own interface)", 0 },
	{ "msgid", KEY_MSGID, "N", 0, "Number of the message (default: that of $header, or 1; 0 for "
	  "a one-way)", 0 },
	{ "include", 'I', "DIR", 0, "Look for imported schemas in DIR, too", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

static const struct argp_option dump_options[] = {
	{ "hex", KEY_HEX, NULL, 0, "The stream comes as hexadecimal digits, with white space and # "
	  "comments as you like", 0 },
	{ "interface", KEY_INTERFACE, "NAME", 0, "The interface that the end points speak, such as "
	  "vfs.Node, where several of the schema have the same id", 0 },
	{ "brief", KEY_BRIEF, NULL, 0, "Show four lines at most of each value", 0 },
	{ "color", KEY_COLOUR, "auto|always|never", 0, "Colours (default: on a terminal)", 0 },
	{ "include", 'I', "DIR", 0, "Look for imported schemas in DIR, too", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

#define SCHEMA_OPTION \
	{ "schema", KEY_SCHEMA, "FILE", 0, "The schema, in text or binary (default: LIBRARY.lwl or " \
	  "LIBRARY.lwlb, here or in a DIR of --include)", 0 }
#define INCLUDE_OPTION \
	{ "include", 'I', "DIR", 0, "Look for schemas in DIR, too", 0 }

static const struct argp_option call_options[] = {
	SCHEMA_OPTION, INCLUDE_OPTION,
	{ "timeout", KEY_TIMEOUT, "S", 0, "Give up after so many seconds, such as 0.5", 0 },
	{ "compact", KEY_COMPACT, NULL, 0, "JSON on one line (default unless on a terminal)", 0 },
	{ "pretty", KEY_PRETTY, NULL, 0, "JSON on many lines", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

static const struct argp_option serve_options[] = {
	SCHEMA_OPTION, INCLUDE_OPTION,
	{ "answer", KEY_ANSWER, "COMMAND=FILE", 0, "Answer COMMAND, such as vfs.Node.lookup, with the "
	  "JSON in FILE; may be given several times", 0 },
	{ "delay", KEY_DELAY, "MS", 0, "Answer after so many milliseconds", 0 },
	{ "fail", KEY_FAIL, "CODE", 0, "Answer everything with this error: ENOENT, or its number", 0 },
	{ "once", KEY_ONCE, NULL, 0, "End when the first link has ended", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

static const struct argp_option trace_options[] = {
	{ "schema", KEY_SCHEMA, "FILE", 0, "Decode what this schema describes; may be given several "
	  "times", 0 },
	{ "include", 'I', "DIR", 0, "Look for imported schemas in DIR, too", 0 },
	{ "hex", KEY_HEX, NULL, 0, "Show the bytes of each message, too", 0 },
	{ "color", KEY_COLOUR, "auto|always|never", 0, "Colours (default: on a terminal)", 0 },
	{ "once", KEY_ONCE, NULL, 0, "End when the first connection has ended", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

#define SCHEMA_HELP \
	"SCHEMA is a schema, vfs.lwl, or a binary one: `lwlc --emit schema' makes those.\n"
#define TYPE_HELP \
	"TYPE is LIBRARY.Interface.command.request or ....response, or for a one-way\n" \
	"....oneway; LIBRARY is the last component of the library's name.  An example:\n" \
	"vfs.Node.lookup.request; `lwl types SCHEMA' lists them all.\n"

#define ADDRESS_HELP "ADDRESS is unix:/path, unix:@name, tcp:host:port, fd:3,4"

struct command {
	const char *name, *line;
	int (*run)(const struct arguments *a);
	bool schema_first;		/* among the operands */
	int operands_min, operands_max;
	const char *questions[OPERANDS_MAX];	/* for those that are missing */
	const char *too_much;
	struct argp argp;
};

static const char from_stdin[] = "messages come from standard input";

static error_t parse(int key, char *arg, struct argp_state *state);

static const struct command commands[] = {
	{ "decode", "a message to JSON", command_decode, true, 2, 2,
	  { "which schema?", "which TYPE?  `lwl types SCHEMA' lists them" }, from_stdin,
	  { decode_options, parse, "SCHEMA TYPE",
	    "Read one message from standard input, verify all of it, and print it as JSON.\v"
	    SCHEMA_HELP TYPE_HELP
	    "\nExample:\n"
	    "  lwl decode vfs.lwl vfs.Node.lookup.request <message\n\n"
	    "Exit status: 0 done; 1 the message is invalid, nothing was printed; 2 others.",
	    NULL, NULL, NULL } },
	{ "encode", "JSON to a message", command_encode, true, 2, 2,
	  { "which schema?", "which TYPE?  `lwl types SCHEMA' lists them" }, from_stdin,
	  { encode_options, parse, "SCHEMA TYPE",
	    "Read JSON from standard input and write the message that it describes, padded to 8 "
	    "bytes.\v"
	    SCHEMA_HELP TYPE_HELP
	    "\nExample:\n"
	    "  echo '{\"name\": \"ZXRj\"}' |\n"
	    "    lwl encode --hex vfs.lwl vfs.Node.lookup.request\n\n"
	    "Exit status: 0 done; 1 the JSON is wrong, nothing was written; 2 others.",
	    NULL, NULL, NULL } },
	{ "dump", "every byte of a stream of messages, explained", command_dump, true, 0, 1,
	  { NULL }, from_stdin,
	  { dump_options, parse, "[SCHEMA]",
	    "Read messages from standard input, one behind the other, and print every byte of them "
	    "with what it means, as they arrive.  Without a schema the items are told apart, but not "
	    "named.\v"
	    SCHEMA_HELP
	    "\nExample:\n"
	    "  lwl dump vfs.lwl <stream | less -R\n\n"
	    "Exit status: 0 done; 1 a message is invalid or cut off; 2 others.",
	    NULL, NULL, NULL } },
	{ "types", "what there is to decode and to encode", command_types, true, 1, 1,
	  { "which schema?" }, from_stdin,
	  { schema_options, parse, "SCHEMA",
	    "List the messages of a schema, with the most bytes that each can have (without padding, "
	    "deadline and trace), the command field of its header, and notes.\v"
	    SCHEMA_HELP, NULL, NULL, NULL } },
	{ "call", "one command to a server, and its answer", command_call, false, 3, 4,
	  { "which ADDRESS?", "by which NAME does the server offer it?",
	    "which COMMAND?  It is LIBRARY.Interface.command" }, "the JSON is one argument",
	  { call_options, parse, "ADDRESS NAME COMMAND [JSON]",
	    "Dial ADDRESS, open NAME, send it COMMAND with the request that JSON describes, and print "
	    "the answer as JSON.\v"
	    ADDRESS_HELP " or exec:command.\n"
	    "COMMAND is LIBRARY.Interface.command, LIBRARY being the last component of the\n"
	    "library's name: vfs.Node.lookup.  JSON is {} if it is left out; - is for\n"
	    "standard input.\n"
	    "\nExample:\n"
	    "  lwl call unix:kv.socket store kv.Store.get '{\"key\": \"ZXRj\"}'\n\n"
	    "Exit status: 0 done; 1 the server answered with an error; 2 others.",
	    NULL, NULL, NULL } },
	{ "serve", "a server for any schema, to try things out", command_serve, false, 3, 3,
	  { "which ADDRESS?", "which NAME is it to be offered by?",
	    "which INTERFACE?  It is LIBRARY.Interface" }, "there is nothing behind INTERFACE",
	  { serve_options, parse, "ADDRESS NAME INTERFACE",
	    "Listen at ADDRESS and offer an end point of INTERFACE as NAME. Print each request as JSON. "
	    "Answer with what the request has under the same name and type, and with the smallest "
	    "values that are valid for the rest.\v"
	    ADDRESS_HELP ".\n"
	    "INTERFACE is LIBRARY.Interface, LIBRARY being the last component of the\n"
	    "library's name: vfs.Node.\n"
	    "\nExample:\n"
	    "  lwl serve unix:kv.socket store kv.Store\n\n"
	    "Exit status: 0 ended by SIGINT, SIGTERM or --once; 2 others.",
	    NULL, NULL, NULL } },
	{ "trace", "what passes between two programs", command_trace, false, 2, 2,
	  { "which ADDRESS?", "which ADDRESS is to be dialled?" }, "there are two addresses",
	  { trace_options, parse, "ADDRESS ADDRESS",
	    "Listen at the first ADDRESS, dial the second for each connection, pass all bytes on as "
	    "they are, and print the messages among them.\v"
	    "ADDRESS is unix:/path, unix:@name or tcp:host:port.\n"
	    "\nExample:\n"
	    "  lwl trace --schema=kv.lwl unix:trace.socket unix:kv.socket &\n"
	    "  lwl call unix:trace.socket store kv.Store.get '{\"key\": \"ZXRj\"}'\n\n"
	    "Exit status: 0 ended by SIGINT, SIGTERM or --once; 2 others.",
	    NULL, NULL, NULL } },
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

struct parsing {
	struct arguments arguments;
	const struct command *command;
	int operands;
};

static uint64_t parse_number(struct argp_state *state, const char *what, const char *arg, uint64_t max)
{
	uint64_t v;
	char *end;

	errno = 0;
	v = strtoull(arg, &end, 0);
	if (arg[0] < '0' || arg[0] > '9' || *end != '\0' || errno != 0 || v > max)
		argp_error(state, "%s: '%s' is no number from 0 to %llu", what, arg,
			   (unsigned long long)max);
	return v;
}

static uint64_t parse_seconds(struct argp_state *state, const char *arg)
{
	char *end;
	double v = strtod(arg, &end);

	/* Written so that a NaN fails, too. */
	if (end == arg || *end != '\0' || !(v >= 1e-6 && v <= 1e9))
		argp_error(state, "--timeout: '%s' is no number of seconds from 0.000001 to 1000000000",
			   arg);
	return (uint64_t)(v * 1e6);
}

/* An error by its name or its number. */
static uint32_t parse_error(struct argp_state *state, const char *arg)
{
	int code;

	for (code = 1; arg[0] < '0' || arg[0] > '9'; code++) {
		const char *name = lwl_error_name(code);

		if (name != NULL && strcmp(name, arg) == 0)
			return (uint32_t)code;
		if (code == ERRORS_END)
			argp_error(state, "--fail: there is no error of the name '%s'", arg);
	}
	code = (int)parse_number(state, "--fail", arg, INT32_MAX);
	if (code == 0)
		argp_error(state, "--fail: 0 is no error");
	return (uint32_t)code;
}

static void add(const char ***list, size_t *count, const char *arg)
{
	*list = allocate(*list, (*count + 1) * sizeof **list);
	(*list)[(*count)++] = arg;
}

static void parse_operand(struct parsing *p, char *arg, struct argp_state *state)
{
	if (p->operands == p->command->operands_max)
		argp_error(state, "'%s' is too much; %s", arg, p->command->too_much);
	p->arguments.operands[p->operands++] = arg;
}

static void parse_end(const struct parsing *p, struct argp_state *state)
{
	const struct arguments *a = &p->arguments;

	if (p->operands < p->command->operands_min)
		argp_error(state, "%s", p->command->questions[p->operands]);
	if (a->interface != NULL && a->operands[0] == NULL)
		argp_error(state, "--interface names one of a schema, and there is none");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct parsing *p = state->input;
	struct arguments *a = &p->arguments;

	switch (key) {
	case 'I':
		add(&a->include, &a->include_count, arg);
		return 0;
	case KEY_HEX:
		a->hex = true;
		return 0;
	case KEY_COMPACT:
		a->pretty = WHEN_NEVER;
		return 0;
	case KEY_PRETTY:
		a->pretty = WHEN_ALWAYS;
		return 0;
	case KEY_LINKID:
		a->linkid = parse_number(state, "--linkid", arg, UINT64_MAX);
		a->has_linkid = true;
		return 0;
	case KEY_MSGID:
		a->msgid = (uint32_t)parse_number(state, "--msgid", arg, UINT32_MAX);
		a->has_msgid = true;
		return 0;
	case KEY_INTERFACE:
		a->interface = arg;
		return 0;
	case KEY_BRIEF:
		a->brief = true;
		return 0;
	case KEY_COLOUR:
		if (strcmp(arg, "auto") == 0)
			a->colour = WHEN_AUTO;
		else if (strcmp(arg, "always") == 0)
			a->colour = WHEN_ALWAYS;
		else if (strcmp(arg, "never") == 0)
			a->colour = WHEN_NEVER;
		else
			argp_error(state, "--color: '%s' is none of auto, always, never", arg);
		return 0;
	case KEY_SCHEMA:
		a->schema = arg;
		add(&a->schemas, &a->schema_count, arg);
		return 0;
	case KEY_TIMEOUT:
		a->timeout = parse_seconds(state, arg);
		return 0;
	case KEY_FAIL:
		a->fail = parse_error(state, arg);
		return 0;
	case KEY_DELAY:
		a->delay = parse_number(state, "--delay", arg, UINT32_MAX);
		return 0;
	case KEY_ANSWER:
		add(&a->answers, &a->answer_count, arg);
		return 0;
	case KEY_ONCE:
		a->once = true;
		return 0;
	case ARGP_KEY_ARG:
		parse_operand(p, arg, state);
		return 0;
	case ARGP_KEY_END:
		parse_end(p, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int run(const struct command *command, int argc, char **argv)
{
	struct parsing p = { .command = command };
	char name[64];
	int status;

	snprintf(name, sizeof name, "lwl %s", command->name);
	argv[0] = name;
	if (argp_parse(&command->argp, argc, argv, 0, NULL, &p) != 0)
		return EXIT_OTHER;
	if (command->schema_first) {
		p.arguments.schema = p.arguments.operands[0];
		p.arguments.type = p.arguments.operands[1];
	}
	status = command->run(&p.arguments);
	free(p.arguments.include);
	free(p.arguments.schemas);
	free(p.arguments.answers);
	return status;
}

static const char *command_name(const void *context, uint32_t i)
{
	(void)context;
	return commands[i].name;
}

static error_t parse_command(int key, char *arg, struct argp_state *state)
{
	const char *near;
	int *status = state->input;
	size_t i;

	switch (key) {
	case ARGP_KEY_ARG:
		for (i = 0; i < COMMANDS; i++)
			if (strcmp(arg, commands[i].name) == 0) {
				*status = run(&commands[i], state->argc - state->next + 1,
					      state->argv + state->next - 1);
				state->next = state->argc;
				return 0;
			}
		near = nearest_name(arg, command_name, NULL, COMMANDS);
		if (near != NULL)
			argp_error(state, "there is no command '%s'; did you mean %s?", arg, near);
		else
			argp_error(state, "there is no command '%s'", arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "what is to be done?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const char before[] =
		"Look at messages, and make them, by their schema; call servers, and be one.\v";
	static const char after[] =
		"\nExamples:\n"
		"  lwl types vfs.lwl\n"
		"  echo '{\"name\": \"ZXRj\"}' |\n"
		"    lwl encode vfs.lwl vfs.Node.lookup.request >message\n"
		"  lwl decode vfs.lwl vfs.Node.lookup.request <message\n"
		"  lwl dump vfs.lwl <message\n"
		"  lwl serve unix:kv.socket store kv.Store &\n"
		"  lwl call unix:kv.socket store kv.Store.get '{\"key\": \"ZXRj\"}'\n\n"
		"`lwl COMMAND --help' says more about each.";
	char doc[2000];
	struct argp argp = { NULL, parse_command, "COMMAND [ARGUMENT...]", doc, NULL, NULL, NULL };
	int status = EXIT_OTHER, used, i;

	used = snprintf(doc, sizeof doc, "%sCommands:\n", before);
	for (i = 0; i < COMMANDS; i++)
		used += snprintf(doc + used, sizeof doc - (size_t)used, "  %-8s %s\n",
				 commands[i].name, commands[i].line);
	snprintf(doc + used, sizeof doc - (size_t)used, "%s", after);
	argp_err_exit_status = EXIT_OTHER;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &status) != 0)
		return EXIT_OTHER;
	return status;
}
