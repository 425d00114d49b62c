package org.elasticsearch.xpack.esql.arrow;

import java.util.Map;
import java.util.Set;
import org.elasticsearch.xcontent.MediaType;

/** The name of a format that ES|QL looks for, and whose module is not published; nothing asks for it. */
public final class ArrowFormat implements MediaType {
  public static final ArrowFormat INSTANCE = new ArrowFormat();

  @Override
  public String queryParameter() {
    return "arrow";
  }

  @Override
  public Set<HeaderValue> headerValues() {
    return Set.of(new HeaderValue("application/vnd.apache.arrow.stream", Map.of()));
  }
}
