using Landlock.Sandboxes;

namespace LandlockExec;

/// <summary>
/// Makes the directory for temporary files: one around it that is this user's alone and holds whose it is, where the command cannot write,
/// and in that the one that the command is given. Both are used by descriptor, whatever others do with their names.
/// </summary>
internal static unsafe class ScratchSteps
{
    /// <summary>A descriptor of the directory.</summary>
    public static long Directory;

    public static void Make()
    {
        PlanHeader* header = PlanReader.Header;
        if (header->Scratch == 0)
            return;
        Reporter.Begin(PlanStep.MakeScratch);
        long parent = ObjectSteps.Open(&header->ScratchParent);
        Reporter.Check(parent);
        long around = Make(parent, PlanReader.At(header->Scratch));
        Reporter.Check(Native.MakeLink(ScratchName.Owner, around, (byte*)"owner\0"u8.Address));
        Directory = Make(around, (byte*)"t\0"u8.Address);
        Native.Close(around);
        Native.Close(parent);
    }

    // Somebody who may write there could exchange it at once.
    private static long Make(long parent, byte* name)
    {
        Reporter.Check(Native.MakePrivateDirectory(parent, name));
        long descriptor = Native.OpenEntry(parent, name);
        Reporter.Check(descriptor);
        FileStatus status;
        Reporter.Check(Native.Stat(descriptor, &status));
        if (!FileStatus.IsPrivateDirectory(status.Mode) || status.User != Native.UserId())
            Reporter.Fail(Native.Stale);
        return descriptor;
    }
}
