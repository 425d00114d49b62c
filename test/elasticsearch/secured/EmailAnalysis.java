package esproxy.test;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.FilteringTokenFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.PreConfiguredTokenFilter;
import org.elasticsearch.index.analysis.PreConfiguredTokenizer;

/**
 * What the index {@code .security} analyses e-mail addresses with. Lucene has it; the module that
 * offers it to the server is not published.
 */
final class EmailAnalysis {
  private EmailAnalysis() {}

  static List<PreConfiguredTokenizer> tokenizers() {
    return List.of(
        PreConfiguredTokenizer.singleton("uax_url_email", UAX29URLEmailTokenizer::new));
  }

  static List<PreConfiguredTokenFilter> filters() {
    return List.of(PreConfiguredTokenFilter.singleton("unique", false, Unique::new));
  }

  /** The token filter {@code pattern_capture}. */
  static UnaryOperator<TokenStream> patternCapture(Settings settings) {
    boolean keep = settings.getAsBoolean("preserve_original", true);
    Pattern[] patterns =
        settings.getAsList("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new);
    return tokens -> new PatternCaptureGroupTokenFilter(tokens, keep, patterns);
  }

  /** Keeps the first of equal tokens. */
  private static final class Unique extends FilteringTokenFilter {
    private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
    private final CharArraySet seen = new CharArraySet(8, false);

    Unique(TokenStream tokens) {
      super(tokens);
    }

    @Override
    protected boolean accept() {
      return seen.add(term.toString());
    }

    @Override
    public void reset() throws java.io.IOException {
      super.reset();
      seen.clear();
    }
  }
}
