namespace Landlocked;

/// <summary>What the program itself ends with; every other code is the command's.</summary>
internal static class ExitCodes
{
    /// <summary>The sandbox could not be set up; nothing was run.</summary>
    public const int SetupFailed = 125;

    /// <summary>`landlocked policy check` and `profile check`: a policy or a profile cannot be used.</summary>
    public const int BadPolicy = 1;

    /// <summary>`landlocked policy diff`: one of the policies allows what the other does not.</summary>
    public const int Differs = 1;

    /// <summary>`landlocked why`: something that was asked for is denied.</summary>
    public const int Denied = 1;

    /// <summary>`landlocked kill`: something of a sandbox is left.</summary>
    public const int NotEnded = 1;

    /// <summary>`landlocked preview apply`: something was not applied.</summary>
    public const int NotApplied = 1;

    /// <summary>`landlocked support`: Landlock cannot be used.</summary>
    public const int NotAvailable = 1;
}
