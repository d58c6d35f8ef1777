namespace LandlockExec;

/// <summary>System call numbers of x86-64.</summary>
internal static class SystemCall
{
    /// <summary>O_NOFOLLOW, which is another bit elsewhere.</summary>
    public const long NoFollow = 0x20000;

    public const long ReadAt = 17;
    public const long Read = 0;
    public const long Close = 3;
    public const long MapMemory = 9;
    public const long SignalAction = 13;
    public const long SignalMask = 14;
    public const long IoControl = 16;
    public const long WriteVector = 20;
    public const long GetProcessId = 39;
    public const long Execute = 59;
    public const long Kill = 62;
    public const long Fcntl = 72;
    public const long ChangeDirectory = 81;
    public const long GetEffectiveUserId = 107;
    public const long GetEffectiveGroupId = 108;
    public const long SetGroupId = 109;
    public const long GetParentId = 110;
    public const long StatFileSystem = 138;
    public const long Prctl = 157;
    public const long Mount = 165;
    public const long ExitGroup = 231;
    public const long OpenAt = 257;
    public const long MakeDirectoryAt = 258;
    public const long MakeLinkAt = 266;
    public const long ReadLinkAt = 267;
    public const long Unshare = 272;
    public const long Duplicate = 292;
    public const long ProcessLimit = 302;
    public const long Seccomp = 317;
    public const long StatX = 332;
    public const long CloseRange = 436;
    public const long OpenAt2 = 437;
    public const long MountSetAttributes = 442;
    public const long LandlockCreateRuleset = 444;
    public const long LandlockAddRule = 445;
    public const long LandlockRestrictSelf = 446;
}
