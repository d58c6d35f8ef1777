using Landlock.Sandboxes;

namespace LandlockExec;

/// <summary>Builds the rulesets, for the objects that the plan found, and enforces them.</summary>
internal static unsafe class LayerSteps
{
    private const int RuleTypePathBeneath = 1;
    private const int RuleTypeNetPort = 2;

    /// <summary>Creates every ruleset of the plan and leaves its descriptor in <paramref name="rulesets"/>.</summary>
    public static void Create(int* rulesets)
    {
        uint count = PlanReader.Header->LayerCount;
        for (uint i = 0; i < count; i++)
        {
            PlanLayer* layer = PlanReader.Layers + i;
            Reporter.Begin(PlanStep.CreateRuleset, i);
            long ruleset = Native.CreateRuleset(PlanReader.At(layer->AttributeOffset), layer->AttributeSize);
            Reporter.Check(ruleset);
            rulesets[i] = (int)ruleset;
            for (uint rule = 0; rule < layer->PathRuleCount; rule++)
                AddPath(ruleset, PlanReader.PathRules(layer) + rule, i, rule);
            for (uint rule = 0; rule < layer->PortRuleCount; rule++)
                AddPort(ruleset, PlanReader.PortRules(layer) + rule, i, rule);
        }
    }

    /// <summary>Enforces them, outermost first.</summary>
    public static void Enforce(int* rulesets)
    {
        uint count = PlanReader.Header->LayerCount;
        for (uint i = 0; i < count; i++)
        {
            Reporter.Begin(PlanStep.Restrict, i);
            Reporter.Check(Native.RestrictSelf(rulesets[i], PlanReader.Layers[i].RestrictFlags));
            Reporter.CountEnforced();
        }
    }

    private static void AddPath(long ruleset, PlanPathRule* rule, uint layer, uint index)
    {
        if ((rule->Flags & (uint)PlanRuleFlags.Covered) != 0)
            return;
        if ((rule->Flags & (uint)PlanRuleFlags.OnTerminal) != 0 && !Native.IsTerminal(0) && !Native.IsTerminal(1) && !Native.IsTerminal(2))
            return;
        Reporter.Begin(PlanStep.OpenPath, layer, index);
        bool isScratch = (rule->Flags & (uint)PlanRuleFlags.Scratch) != 0;
        long descriptor = isScratch ? ScratchSteps.Directory : ObjectSteps.Open(&rule->Target);
        if ((rule->Flags & (uint)PlanRuleFlags.Optional) != 0 && descriptor is -Native.NoEntry or -Native.NotDirectory)
        {
            Reporter.CountSkipped();
            return;
        }

        Reporter.Check(descriptor);
        Reporter.Begin(PlanStep.AddPathRule, layer, index);
        PathBeneath attribute;
        attribute.Access = rule->Access;
        attribute.Parent = (int)descriptor;
        Reporter.Check(Native.AddRule(ruleset, RuleTypePathBeneath, &attribute, rule->AddFlags));
        if (!isScratch)
            Native.Close(descriptor);
    }

    private static void AddPort(long ruleset, PlanPortRule* rule, uint layer, uint index)
    {
        Reporter.Begin(PlanStep.AddPortRule, layer, index);
        NetPort attribute;
        attribute.Access = rule->Access;
        attribute.Port = rule->Port;
        Reporter.Check(Native.AddRule(ruleset, RuleTypeNetPort, &attribute, rule->AddFlags));
    }
}
