using Landlock.Linux;

namespace Landlock.Sandboxes.Hosts;

/// <summary>Somebody who has put a question to a name server.</summary>
internal interface IAsker
{
    /// <summary>Whether answers of any length can be given (TCP).</summary>
    bool TakesAll { get; }

    /// <summary>The thread that began to ask; 0 if it is not known.</summary>
    int Thread { get; }

    /// <summary>Gives an answer.</summary>
    /// <param name="answer">The message.</param>
    /// <param name="server">The server that was asked.</param>
    void Answer(ReadOnlySpan<byte> answer, in SocketAddress server);
}
