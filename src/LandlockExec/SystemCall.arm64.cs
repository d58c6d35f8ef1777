namespace LandlockExec;

/// <summary>System call numbers of arm64 (the generic table).</summary>
internal static class SystemCall
{
    /// <summary>O_NOFOLLOW, which is another bit elsewhere.</summary>
    public const long NoFollow = 0x8000;

    public const long Duplicate = 24;
    public const long Fcntl = 25;
    public const long IoControl = 29;
    public const long MakeDirectoryAt = 34;
    public const long MakeLinkAt = 36;
    public const long Mount = 40;
    public const long StatFileSystem = 44;
    public const long ChangeDirectory = 50;
    public const long OpenAt = 56;
    public const long Close = 57;
    public const long ReadAt = 67;
    public const long Read = 63;
    public const long WriteVector = 66;
    public const long ReadLinkAt = 78;
    public const long ExitGroup = 94;
    public const long Unshare = 97;
    public const long Kill = 129;
    public const long SignalAction = 134;
    public const long SignalMask = 135;
    public const long SetGroupId = 154;
    public const long Prctl = 167;
    public const long GetProcessId = 172;
    public const long GetParentId = 173;
    public const long GetEffectiveUserId = 175;
    public const long GetEffectiveGroupId = 177;
    public const long Execute = 221;
    public const long MapMemory = 222;
    public const long ProcessLimit = 261;
    public const long Seccomp = 277;
    public const long StatX = 291;
    public const long CloseRange = 436;
    public const long OpenAt2 = 437;
    public const long MountSetAttributes = 442;
    public const long LandlockCreateRuleset = 444;
    public const long LandlockAddRule = 445;
    public const long LandlockRestrictSelf = 446;
}
