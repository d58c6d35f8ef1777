namespace Landlock.Previews;

/// <summary>Something cannot be done with a preview; the message says why, and what to type next.</summary>
public sealed class PreviewException : Exception
{
    /// <summary>With a message.</summary>
    /// <param name="message">Why.</param>
    public PreviewException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and its cause.</summary>
    /// <param name="message">Why.</param>
    /// <param name="cause">The cause.</param>
    public PreviewException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>Without a message.</summary>
    public PreviewException()
    {
    }
}
