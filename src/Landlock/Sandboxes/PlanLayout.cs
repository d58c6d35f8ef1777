// The binary image of a launch plan. This one file is compiled into both sides: the library writes images (PlanImage.cs),
// landlock-exec reads them. It must compile without a core library: fixed-size fields only, no arrays, strings, generics or properties.
//
// An image is one block of memory in a sealed memfd. It begins with a PlanHeader; every "Offset" is in bytes from the start of the image,
// every table is a dense array of the named record, aligned to 8 bytes. A text is a byte string that ends in NUL, named by its offset;
// offset 0 (the header itself) means "absent".
//
// The reader checks the whole image first and refuses it if its checksum is another (PlanChecksum.cs) or its size no multiple of 8, if a
// table or text does not lie between the header and the end, if a table with records is not aligned to 8 bytes (tables of uint, ruleset
// attributes and filters too), if an unknown flag or a reserved number is set, if both ways to set the signal mask are, if there is no
// layer without the flag that says so (or with it, a layer), if a user namespace is to be entered for no overlay, if there are overlays
// and no directory to start in, if an inherited environment is to be added to, or if a text is absent other than Refusal, Scratch,
// ScratchPath, Label, Before, Between, After, the paths of Directory and of an overlay's Work and, where they are not needed, those of
// ScratchParent and of a rule for the directory for temporary files. The offset of an empty table does not matter. The descriptors of plan
// and status page are above 2; the reader closes both, so they cannot be kept.

using System.Runtime.InteropServices;

namespace Landlock.Sandboxes;

/// <summary>Constants of the plan image and of the exit codes.</summary>
internal static class PlanLayout
{
    /// <summary>"LLPLAN" and two zero bytes, read as a little-endian number.</summary>
    public const ulong Magic = 0x0000_4E41_4C50_4C4C;

    /// <summary>Grows with every change of the layout; the reader accepts its own version only.</summary>
    public const uint Version = 11;

    /// <summary>
    /// Length of what names a directory for temporary files, so that nobody can guess it: digits and letters to "v", of 5 bits each.
    /// </summary>
    public const int ScratchNameLength = 12;

    /// <summary>Largest image that a reader accepts, in bytes (64 MiB).</summary>
    public const uint MaxSize = 64u << 20;

    /// <summary>Environment count that means: pass on the environment as received.</summary>
    public const uint InheritEnvironment = 0xFFFF_FFFF;

    /// <summary>Most layers that the kernel accepts (LANDLOCK_MAX_NUM_LAYERS).</summary>
    public const uint MaxLayers = 16;

    /// <summary>Most overlays that a reader accepts.</summary>
    public const uint MaxOverlays = 256;

    /// <summary>The sandbox could not be set up; nothing was run.</summary>
    public const int ExitSetupFailed = 125;

    /// <summary>The command was stopped because it ran for too long, as timeout(1) says it.</summary>
    public const int ExitTimedOut = 124;

    /// <summary>The command was found but could not be executed.</summary>
    public const int ExitNotExecutable = 126;

    /// <summary>The command was not found.</summary>
    public const int ExitNotFound = 127;

    /// <summary>Size of the status page, in bytes.</summary>
    public const uint StatusSize = 4096;

    /// <summary>First number of a status page ("LLST").</summary>
    public const uint StatusMagic = 0x5453_4C4C;
}

/// <summary>What landlock-exec was doing; also the index into the plan's table of messages.</summary>
internal enum PlanStep : uint
{
    /// <summary>Reading the plan itself.</summary>
    ReadPlan = 0,

    /// <summary>Comparing the working directory with the plan's.</summary>
    CheckDirectory = 1,

    /// <summary>mkdir(2) of the directory for temporary files, and the note of whose it is.</summary>
    MakeScratch = 2,

    /// <summary>landlock_create_ruleset(2) for a layer.</summary>
    CreateRuleset = 3,

    /// <summary>openat2(2) with O_PATH, and statx(2), of a rule's object.</summary>
    OpenPath = 4,

    /// <summary>landlock_add_rule(2) of a path rule.</summary>
    AddPathRule = 5,

    /// <summary>landlock_add_rule(2) of a port rule.</summary>
    AddPortRule = 6,

    /// <summary>fchdir(2) to the working directory.</summary>
    ChangeDirectory = 7,

    /// <summary>rt_sigprocmask(2), rt_sigaction(2).</summary>
    SetSignals = 8,

    /// <summary>prlimit64(2).</summary>
    SetLimit = 9,

    /// <summary>setpgid(2), prctl(2) PR_SET_CHILD_SUBREAPER, dup3(2) of another standard error.</summary>
    Detach = 10,

    /// <summary>close_range(2); fcntl(2) of a kept descriptor, which comes before every other step.</summary>
    SweepDescriptors = 11,

    /// <summary>prctl(2) PR_SET_NO_NEW_PRIVS.</summary>
    NoNewPrivileges = 12,

    /// <summary>landlock_restrict_self(2) for a layer.</summary>
    Restrict = 13,

    /// <summary>seccomp(2) SECCOMP_SET_MODE_FILTER.</summary>
    InstallFilter = 14,

    /// <summary>execve(2) of the command.</summary>
    Execute = 15,

    /// <summary>kill(2) of itself with SIGSTOP, which a tracer waits for.</summary>
    AwaitTracer = 16,

    /// <summary>Comparing the program with the plan's, which comes before the layers are enforced.</summary>
    CheckProgram = 17,

    /// <summary>Handing the listener of the first filter to the supervisor, and waiting until that answers for the command.</summary>
    AwaitSupervisor = 18,

    /// <summary>unshare(2) and the maps of a user namespace, in which overlays can be mounted.</summary>
    EnterNamespaces = 19,

    /// <summary>mount(2) of an overlay or of a copy, mount_setattr(2) of the rest.</summary>
    MountOverlay = 20,

    /// <summary>Comparing what a compiled command was compiled for: the kernel, and files that decided.</summary>
    CheckCompiled = 21,

    /// <summary>Number of steps.</summary>
    Count = 22,
}

/// <summary>Bits of <see cref="PlanHeader.Flags"/>.</summary>
internal enum PlanFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Set the blocked signals to exactly <see cref="PlanHeader.BlockedSignals"/>.</summary>
    SetSignalMask = 1,

    /// <summary>Add <see cref="PlanHeader.BlockedSignals"/> to the blocked signals.</summary>
    AddToSignalMask = 2,

    /// <summary>Ignore the signals in <see cref="PlanHeader.IgnoredSignals"/>, set every other one to its default.</summary>
    SetDispositions = 4,

    /// <summary>Begin a process group of its own; all that the command starts is in it, unless it leaves on purpose.</summary>
    NewGroup = 8,

    /// <summary>
    /// Become the parent of descendants whose own parent ends, so that they can be found for as long as the command lives.
    /// </summary>
    AdoptOrphans = 16,

    /// <summary>Stop with SIGSTOP before the filters are installed, until the tracer that started this process lets it go on.</summary>
    AwaitTracer = 32,

    /// <summary>Restrict nothing: the plan has no layer, on purpose. Only together with <see cref="AwaitTracer"/>.</summary>
    Unrestricted = 64,

    /// <summary>
    /// The plan is that of a script whose interpreter is landlock-exec: it is named by its path, and what the script was called with
    /// follows the plan's own arguments.
    /// </summary>
    TakeArguments = 128,

    /// <summary>The environment's entries take the place of those of the same name in the environment received.</summary>
    AddToEnvironment = 256,

    /// <summary>Run nothing in another working directory than that of <see cref="PlanHeader.DirectoryInode"/>.</summary>
    CheckDirectory = 512,

    /// <summary>
    /// The first filter asks a supervisor (SECCOMP_FILTER_FLAG_NEW_LISTENER), which the reader is told a socket of: it writes a
    /// <see cref="PlanListener"/> there, and goes on when it reads four zero bytes; other four are an errno.
    /// </summary>
    AskSupervisor = 1024,

    /// <summary>Mount the overlays in a user namespace, where an ordinary user may do that; only with some.</summary>
    UserNamespace = 2048,

    /// <summary>
    /// The plan is part of a program that was compiled from it (CompiledFile.cs), and what that is called with follows the plan's own
    /// arguments. Where something has changed since, <see cref="PlanHeader.Planner"/> is executed instead.
    /// </summary>
    Compiled = 4096,

    /// <summary>Of a compiled command: end where something has changed.</summary>
    Frozen = 8192,

    /// <summary>Of a compiled command: execute the planner at each start.</summary>
    AlwaysPlan = 16384,

    /// <summary>What no <see cref="PlanVariable"/> names is not inherited.</summary>
    DropVariables = 32768,
}

/// <summary>What is done about a variable of the environment received.</summary>
internal enum PlanVariableAction : uint
{
    /// <summary>It is passed on.</summary>
    Keep = 0,

    /// <summary>It is not.</summary>
    Drop = 1,

    /// <summary>The text is an entry that is added where none of its name is passed on.</summary>
    Default = 2,
}

/// <summary>Bits of <see cref="PlanVariable.Flags"/>.</summary>
internal enum PlanVariableFlags : uint
{
    /// <summary>None: "*" and "?" are placeholders.</summary>
    None = 0,

    /// <summary>The text is a name, each character itself.</summary>
    Literal = 1,

    /// <summary>Letters of ASCII match in any case.</summary>
    IgnoreCase = 2,
}

/// <summary>A rule for variables of the environment received; the first that matches counts.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanVariable
{
    /// <summary>Text: a name or pattern.</summary>
    public uint Text;

    /// <summary>A <see cref="PlanVariableAction"/>.</summary>
    public uint Action;

    /// <summary>Bits of <see cref="PlanVariableFlags"/>.</summary>
    public uint Flags;

    /// <summary>Zero.</summary>
    public uint Reserved;
}

/// <summary>A file that decided what a command was compiled to.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanWitness
{
    /// <summary>Text: its path, links followed.</summary>
    public uint Path;

    /// <summary>Text: what messages call it.</summary>
    public uint Label;

    /// <summary>Its inode.</summary>
    public ulong Inode;

    /// <summary>Major number of its device.</summary>
    public uint DeviceMajor;

    /// <summary>Minor number of its device.</summary>
    public uint DeviceMinor;

    /// <summary>When it last changed (ctime): seconds.</summary>
    public ulong Seconds;

    /// <summary>And nanoseconds.</summary>
    public ulong Nanoseconds;
}

/// <summary>What a supervisor needs in order to take the listener (pidfd_getfd(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanListener
{
    /// <summary>The process that has it.</summary>
    public uint ProcessId;

    /// <summary>Its descriptor there.</summary>
    public uint Descriptor;
}

/// <summary>Bits of <see cref="PlanPathRule.Flags"/>.</summary>
internal enum PlanRuleFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Skip the rule if its path does not exist (ENOENT, ENOTDIR).</summary>
    Optional = 1,

    /// <summary>Skip the rule unless standard input, output or error is a terminal.</summary>
    OnTerminal = 2,

    /// <summary>The rule is for the directory for temporary files that was just made, and names no object.</summary>
    Scratch = 4,

    /// <summary>Skip the rule: another one of the layer allows as much. It names no object.</summary>
    Covered = 64,
}

/// <summary>Bits of <see cref="PlanObject.Flags"/>.</summary>
internal enum PlanObjectFlags : uint
{
    /// <summary>None: no part of the path is a link, and it leads to exactly this object.</summary>
    None = 0,

    /// <summary>The inode says nothing, since the filesystem (proc(5)) numbers its files anew. The device has to be the same.</summary>
    AnyInode = 1,

    /// <summary>
    /// Symbolic links are followed, those that lead where no path does (/proc/self/fd/N) never: /proc/self leads each process to itself.
    /// </summary>
    Links = 2,

    /// <summary>A character device, which is its number: the device is that number, and the inode says nothing.</summary>
    Character = 4,

    /// <summary>Of a filesystem that the kernel makes anew at each boot: the inode is what statfs(2) calls its kind.</summary>
    Kernel = 8,
}

/// <summary>An object of the filesystem, as it was found when the sandbox was planned.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanObject
{
    /// <summary>Text: the path that leads to it; absent = there is none.</summary>
    public uint Path;

    /// <summary>Bits of <see cref="PlanObjectFlags"/>.</summary>
    public uint Flags;

    /// <summary>Its inode.</summary>
    public ulong Inode;

    /// <summary>Major number of its device.</summary>
    public uint DeviceMajor;

    /// <summary>Minor number of its device.</summary>
    public uint DeviceMinor;
}

/// <summary>The head of an image.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanHeader
{
    /// <summary><see cref="PlanLayout.Magic"/>.</summary>
    public ulong Magic;

    /// <summary><see cref="PlanLayout.Version"/>.</summary>
    public uint Version;

    /// <summary>Size of the whole image in bytes; equal to the size of the memfd.</summary>
    public uint Size;

    /// <summary><see cref="PlanChecksum.Of"/>.</summary>
    public ulong Checksum;

    /// <summary>Bits of <see cref="PlanFlags"/>.</summary>
    public uint Flags;

    /// <summary>Number of <see cref="PlanLayer"/> records, 1 to 16; 0 exactly if <see cref="PlanFlags.Unrestricted"/> is set.</summary>
    public uint LayerCount;

    /// <summary>Offset of the layers, outermost first.</summary>
    public uint LayerOffset;

    /// <summary>Number of arguments, argv[0] included; at least 1.</summary>
    public uint ArgumentCount;

    /// <summary>Offset of a table of uint text offsets.</summary>
    public uint ArgumentOffset;

    /// <summary>Number of environment entries, or <see cref="PlanLayout.InheritEnvironment"/>.</summary>
    public uint EnvironmentCount;

    /// <summary>Offset of a table of uint text offsets ("NAME=VALUE").</summary>
    public uint EnvironmentOffset;

    /// <summary>Number of <see cref="PlanLimit"/> records.</summary>
    public uint LimitCount;

    /// <summary>Offset of the limits.</summary>
    public uint LimitOffset;

    /// <summary>Number of descriptors above 2 that survive.</summary>
    public uint KeepCount;

    /// <summary>Offset of a table of uint descriptors, strictly ascending, each above 2.</summary>
    public uint KeepOffset;

    /// <summary>Number of <see cref="PlanFilter"/> records.</summary>
    public uint FilterCount;

    /// <summary>Offset of the seccomp filters, installed in this order.</summary>
    public uint FilterOffset;

    /// <summary>Number of <see cref="PlanMessage"/> records: <see cref="PlanStep.Count"/>, or 0 = print nothing.</summary>
    public uint MessageCount;

    /// <summary>Offset of the messages, indexed by step.</summary>
    public uint MessageOffset;

    /// <summary>Number of <see cref="PlanErrorText"/> records.</summary>
    public uint ErrorTextCount;

    /// <summary>Offset of the errno texts.</summary>
    public uint ErrorTextOffset;

    /// <summary>Number of <see cref="PlanErrorText"/> records that replace the whole line when execve fails.</summary>
    public uint ExecuteTextCount;

    /// <summary>Offset of the execve texts.</summary>
    public uint ExecuteTextOffset;

    /// <summary>Signals to block; bit n-1 is signal n.</summary>
    public ulong BlockedSignals;

    /// <summary>Signals to ignore; bit n-1 is signal n.</summary>
    public ulong IgnoredSignals;

    /// <summary>
    /// First eight bytes of the thread name set before restricting (PR_SET_NAME), which the audit record of a domain shows.
    /// </summary>
    public ulong ThreadName0;

    /// <summary>The other eight bytes; the last one is 0. Both fields 0 = leave the name.</summary>
    public ulong ThreadName1;

    /// <summary>Descriptor above 2 that becomes standard error; 0 = leave the one there is.</summary>
    public uint StandardError;

    /// <summary>Text: the lines to print instead of doing anything; absent = go on.</summary>
    public uint Refusal;

    /// <summary>Text: name of the directory to make around that for temporary files; absent = none.</summary>
    public uint Scratch;

    /// <summary>Text: the path of the directory for temporary files; absent = none.</summary>
    public uint ScratchPath;

    /// <summary>Number of places that name this process.</summary>
    public uint NameCount;

    /// <summary>
    /// Offset of a table of uint offsets where <see cref="PlanLayout.ScratchNameLength"/> bytes are written before the plan is checked.
    /// </summary>
    public uint NameOffset;

    /// <summary>
    /// Number of <see cref="PlanOverlay"/> records. With some, <see cref="Directory"/> is there: where the process is lies below them.
    /// </summary>
    public uint OverlayCount;

    /// <summary>Offset of the overlays; one that lies beneath another comes behind it.</summary>
    public uint OverlayOffset;

    /// <summary>The file to execute, by the path that it is executed by.</summary>
    public PlanObject Program;

    /// <summary>The directory to start in; absent = stay.</summary>
    public PlanObject Directory;

    /// <summary>Where the directory for temporary files is made.</summary>
    public PlanObject ScratchParent;

    /// <summary>Inode of the working directory, with <see cref="PlanFlags.CheckDirectory"/>.</summary>
    public ulong DirectoryInode;

    /// <summary>Major number of its device.</summary>
    public uint DirectoryMajor;

    /// <summary>Minor number of its device.</summary>
    public uint DirectoryMinor;

    /// <summary>Number of <see cref="PlanVariable"/> records.</summary>
    public uint VariableCount;

    /// <summary>Offset of the rules for variables received.</summary>
    public uint VariableOffset;

    /// <summary>Number of <see cref="PlanWitness"/> records.</summary>
    public uint WitnessCount;

    /// <summary>Offset of the files that decided.</summary>
    public uint WitnessOffset;

    /// <summary>Text: path of the program that plans anew, with <see cref="PlanFlags.Compiled"/>.</summary>
    public uint Planner;

    /// <summary>Text: what a line begins with that says what has changed; absent = nothing is said.</summary>
    public uint Changed;

    /// <summary>The kernel's Landlock ABI that a command was compiled for.</summary>
    public ulong KernelAbi;

    /// <summary>The errata that were fixed there.</summary>
    public ulong Errata;
}

/// <summary>
/// One overlay to mount (mount(2), overlayfs): the command finds the directory, and what it changes goes elsewhere. Objects beneath are
/// opened twice: as they were found, and compared, and as the command finds them. Every other mount becomes read-only.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanOverlay
{
    /// <summary>The directory that is covered, or the file.</summary>
    public PlanObject Lower;

    /// <summary>The directory that holds what is changed; of a file, its copy, which is shown in its place.</summary>
    public PlanObject Upper;

    /// <summary>The directory that overlayfs works in, on the same filesystem; absent for a file.</summary>
    public PlanObject Work;

    /// <summary>Text: what messages call it; absent = nothing.</summary>
    public uint Label;

    /// <summary>Zero.</summary>
    public uint Reserved;
}

/// <summary>One Landlock ruleset to enforce.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanLayer
{
    /// <summary>Offset of a struct landlock_ruleset_attr.</summary>
    public uint AttributeOffset;

    /// <summary>Its size for the ABI in use (8 to 56).</summary>
    public uint AttributeSize;

    /// <summary>Flags of landlock_restrict_self(2).</summary>
    public uint RestrictFlags;

    /// <summary>Number of <see cref="PlanPathRule"/> records.</summary>
    public uint PathRuleCount;

    /// <summary>Offset of the path rules.</summary>
    public uint PathRuleOffset;

    /// <summary>Number of <see cref="PlanPortRule"/> records.</summary>
    public uint PortRuleCount;

    /// <summary>Offset of the port rules.</summary>
    public uint PortRuleOffset;

    /// <summary>Zero.</summary>
    public uint Reserved;
}

/// <summary>One path-beneath rule.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanPathRule
{
    /// <summary>Allowed rights: those that the object can have.</summary>
    public ulong Access;

    /// <summary>What it is for.</summary>
    public PlanObject Target;

    /// <summary>Text: the path as a message shows it, printable on one line.</summary>
    public uint Label;

    /// <summary>Bits of <see cref="PlanRuleFlags"/>.</summary>
    public uint Flags;

    /// <summary>Flags of landlock_add_rule(2).</summary>
    public uint AddFlags;

    /// <summary>Zero.</summary>
    public uint Reserved;
}

/// <summary>One net-port rule.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanPortRule
{
    /// <summary>Allowed rights.</summary>
    public ulong Access;

    /// <summary>Port, 0 to 65535, host order.</summary>
    public uint Port;

    /// <summary>Flags of landlock_add_rule(2).</summary>
    public uint AddFlags;
}

/// <summary>One resource limit (struct rlimit64).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanLimit
{
    /// <summary>RLIMIT_* number.</summary>
    public ulong Resource;

    /// <summary>Soft limit; all ones = unlimited.</summary>
    public ulong Soft;

    /// <summary>Hard limit; all ones = unlimited.</summary>
    public ulong Hard;
}

/// <summary>One seccomp filter.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanFilter
{
    /// <summary>Offset of the struct sock_filter array.</summary>
    public uint Offset;

    /// <summary>Number of instructions, 1 to 4096.</summary>
    public uint Count;
}

/// <summary>
/// What is printed when a step fails: Before, the object's label (if the step has one), Between, the errno text, After, a newline.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanMessage
{
    /// <summary>Text.</summary>
    public uint Before;

    /// <summary>Text.</summary>
    public uint Between;

    /// <summary>Text.</summary>
    public uint After;

    /// <summary>Zero.</summary>
    public uint Reserved;
}

/// <summary>A text for an errno value.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanErrorText
{
    /// <summary>errno, positive.</summary>
    public int Error;

    /// <summary>Text.</summary>
    public uint Text;
}

/// <summary>How far landlock-exec came. Written to shared memory, read by the parent.</summary>
internal enum PlanOutcome : uint
{
    /// <summary>Nothing was written: landlock-exec did not run, or was killed before it could say anything.</summary>
    NotStarted = 0,

    /// <summary>Working on <see cref="PlanStatus.Step"/>.</summary>
    Preparing = 1,

    /// <summary>A step failed; nothing was run.</summary>
    Failed = 2,

    /// <summary>execve was entered with every layer in force and did not return.</summary>
    Executed = 3,
}

/// <summary>The status page.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanStatus
{
    /// <summary><see cref="PlanLayout.StatusMagic"/>, written last of all by the first write.</summary>
    public uint Magic;

    /// <summary>A <see cref="PlanOutcome"/>.</summary>
    public uint Outcome;

    /// <summary>A <see cref="PlanStep"/>.</summary>
    public uint Step;

    /// <summary>errno of the failed step, positive; 0 = the content of the plan was refused.</summary>
    public int Error;

    /// <summary>Layer index of the failed step.</summary>
    public uint Layer;

    /// <summary>
    /// Rule index within the layer, or index of the limit, kept descriptor, filter, or number of the signal (0 = the mask).
    /// </summary>
    public uint Index;

    /// <summary>Number of layers in force.</summary>
    public uint Enforced;

    /// <summary>Number of optional rules skipped because their path did not exist.</summary>
    public uint Skipped;

    /// <summary>Process id of landlock-exec, which is the command's.</summary>
    public uint ProcessId;

    /// <summary>Zero.</summary>
    public uint Reserved;

    /// <summary>
    /// What names the directory for temporary files (<see cref="PlanLayout.ScratchNameLength"/> bytes, here and in the next one);
    /// zeros if none was asked for.
    /// </summary>
    public ulong ScratchName0;

    /// <summary>Its last bytes.</summary>
    public ulong ScratchName1;
}
