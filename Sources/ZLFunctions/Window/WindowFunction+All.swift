extension WindowFunction {
    static let all: [WindowFunction] = []
}
