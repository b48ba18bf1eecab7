extension ScalarFunction {
    /// Every scalar function, by family.
    static let all: [ScalarFunction] =
        Comparisons.functions + Arithmetic.functions + MathFunctions.functions + TextFunctions.functions
        + PatternFunctions.functions + DateFunctions.functions + BitFunctions.functions + TextMaking.functions
        + DateFormatting.functions + DateMaking.functions
}
