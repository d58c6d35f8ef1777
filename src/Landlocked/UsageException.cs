namespace Landlocked;

/// <summary>The command line cannot be understood. The message says what was expected.</summary>
internal sealed class UsageException(string message) : Exception(message);
