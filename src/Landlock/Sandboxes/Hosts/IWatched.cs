namespace Landlock.Sandboxes.Hosts;

/// <summary>Somebody whose descriptor is watched.</summary>
internal interface IWatched
{
    /// <summary>Something has happened to it.</summary>
    /// <param name="events">EPOLLIN, EPOLLOUT ...</param>
    void Happened(uint events);
}
