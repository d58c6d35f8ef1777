# A terminal's screen, and a picture of it.

# What a pwsh in tmux(1) shows after some lines were typed, with the sequences for colours; the last prompt is left out. PowerShell wraps at
# blanks only in languages that it knows to have them, hence LANG.
function Get-Screen([string] $Start, [string[]] $Line, [int] $Columns, [int] $Rows, [string] $HomePath) {
    $terminal = "landlockps-$PID-$(Get-Random)"
    tmux -L $terminal -f /dev/null new-session -d -x $Columns -y $Rows env HOME=$HomePath LANG=en_US.UTF-8 TERM=tmux-256color COLORTERM=truecolor "$PSHOME/pwsh" -NoLogo -NoProfile -NoExit -Command $Start
    try {
        $null = Wait-Quiet $terminal
        foreach ($text in $Line) {
            tmux -L $terminal send-keys -l $text
            tmux -L $terminal send-keys Enter
            $screen = Wait-Quiet $terminal
        }
        $lines = @($screen)
        $last = $lines.Count - 1
        while ($last -ge 0 -and ($lines[$last] -replace '\e\[[0-9;]*m', '').Trim() -eq '') { $last-- }
        $lines[0..($last - 1)]
    }
    finally {
        tmux -L $terminal kill-server 2>$null
    }
}

# The screen, once it shows a prompt and has not changed for a while.
function Wait-Quiet([string] $Terminal) {
    $before = $null
    $same = 0
    foreach ($attempt in 1..600) {
        Start-Sleep -Milliseconds 100
        $now = (tmux -L $Terminal capture-pane -p -e) -join "`n"
        $plain = ($now -replace '\e\[[0-9;]*m', '').TrimEnd()
        $same = $now -eq $before -and $plain.EndsWith('>') ? $same + 1 : 0
        if ($same -ge 5) { return $now -split "`n" }
        $before = $now
    }
    throw "The terminal did not come to rest:`n$before"
}

# Lines with SGR sequences (ECMA-48) as SVG text.
function ConvertTo-Svg([string[]] $Screen, [string] $Title) {
    $colours = '#1e1e1e', '#f14c4c', '#23d18b', '#e5e510', '#3b8eea', '#d670d6', '#29b8db', '#cccccc', '#767676', '#f97583', '#3ddc97', '#f5f543', '#6cb6ff', '#e58fe5', '#56d4ee', '#ffffff'
    $width = 8.4
    $height = 18
    $most = 0
    $body = [System.Text.StringBuilder]::new()
    $row = 0
    foreach ($line in $Screen) {
        $row++
        $column = 0
        $style = @{}
        foreach ($part in [regex]::Matches($line, '\e\[([0-9;]*)m|([^\e]+)|\e.')) {
            if ($part.Groups[1].Success) {
                $style = Get-Style -Before $style -Code ($part.Groups[1].Value -split ';' | ForEach-Object { [int] "0$_" }) -Colours $colours
                continue
            }
            $text = $part.Groups[2].Value
            if ($text.Trim()) {
                $attributes = ($style.Fill ? " fill=`"$($style.Fill)`"" : '') + ($style.Bold ? ' font-weight="bold"' : '') + ($style.Italic ? ' font-style="italic"' : '') + ($style.Dim ? ' opacity="0.6"' : '')
                $null = $body.AppendLine(('<text x="{0:0.#}" y="{1}" xml:space="preserve" textLength="{4:0.#}"{2}>{3}</text>' -f (16 + $column * $width), (16 + $row * $height - 5), $attributes, [System.Security.SecurityElement]::Escape($text), ($text.Length * $width)))
            }
            $column += $text.Length
        }
        $most = [Math]::Max($most, ($line -replace '\e\[[0-9;]*m', '').TrimEnd().Length)
    }
    $w = [int](32 + $most * $width)
    $h = 32 + $row * $height
    @"
<svg xmlns="http://www.w3.org/2000/svg" width="$w" height="$h" viewBox="0 0 $w $h" role="img">
<title>$Title</title>
<rect width="100%" height="100%" rx="8" fill="#1e1e1e"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="#cccccc">
$($body.ToString().TrimEnd())
</g>
</svg>

"@
}

function Get-Style([hashtable] $Before, [int[]] $Code, [string[]] $Colours) {
    $new = $Before.Clone()
    for ($i = 0; $i -lt $Code.Count; $i++) {
        $one = $Code[$i]
        if ($one -eq 0) { $new = @{} }
        elseif ($one -eq 1) { $new.Bold = $true }
        elseif ($one -eq 2) { $new.Dim = $true }
        elseif ($one -eq 3) { $new.Italic = $true }
        elseif ($one -eq 22) { $new.Remove('Bold'); $new.Remove('Dim') }
        elseif ($one -eq 23) { $new.Remove('Italic') }
        elseif ($one -ge 30 -and $one -le 37) { $new.Fill = $Colours[$one - 30] }
        elseif ($one -ge 90 -and $one -le 97) { $new.Fill = $Colours[$one - 82] }
        elseif ($one -eq 39) { $new.Remove('Fill') }
        elseif ($one -eq 38 -and $Code[$i + 1] -eq 5) {
            $number = $Code[$i + 2]
            $new.Fill = if ($number -lt 16) { $Colours[$number] }
            elseif ($number -ge 232) { '#{0:x2}{0:x2}{0:x2}' -f (8 + 10 * ($number - 232)) }
            else {
                $level = 0, 95, 135, 175, 215, 255
                '#{0:x2}{1:x2}{2:x2}' -f $level[[Math]::Floor(($number - 16) / 36)], $level[[Math]::Floor(($number - 16) / 6) % 6], $level[($number - 16) % 6]
            }
            $i += 2
        }
        elseif ($one -eq 38 -and $Code[$i + 1] -eq 2) {
            $new.Fill = '#{0:x2}{1:x2}{2:x2}' -f $Code[$i + 2], $Code[$i + 3], $Code[$i + 4]
            $i += 4
        }
    }
    $new
}
